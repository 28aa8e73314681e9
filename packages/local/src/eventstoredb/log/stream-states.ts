import type { LocalStorage, Statement } from '../../storage/local-storage.ts'
import { type DecodedEvent, decodeEventFrame, TOMBSTONE_REVISION } from '../wire/event-frame.ts'
import type { NameDictionary } from './name-dictionary.ts'
import { KEEP_LAST, type Retention, retentionFrom, SOFT_DELETED } from './retention.ts'

/** What writes and reads have to know of a stream. */
export interface StreamState {
  readonly name: string
  /** Undefined while no event was ever appended. */
  id: number | undefined
  /** Revision of the last event, -1 for none, {@link TOMBSTONE_REVISION} once tombstoned. */
  last: number
  retention: Retention
}

const CAPACITY = 20_000

/** The stream that holds the metadata of another. */
export function metastreamOf(stream: string): string {
  return `$$${stream}`
}

/** The stream whose metadata the stream holds, if it is a metadata stream. */
export function originalStreamOf(stream: string): string | undefined {
  return stream.startsWith('$$') ? stream.slice(2) : undefined
}

/** The states of the streams in use, found in the log when they are not remembered. */
export class StreamStates {
  readonly #states = new Map<string, StreamState>()
  readonly #lastRevision: Statement
  readonly #frameAt: Statement

  constructor(
    storage: LocalStorage,
    readonly names: NameDictionary,
  ) {
    this.#lastRevision = storage
      .prepare('SELECT max(revision) FROM es_event WHERE stream = ?')
      .raw(true)
    this.#frameAt = storage
      .prepare(
        `SELECT f.frame FROM es_event e JOIN es_frame f ON f.sequence = e.sequence
         WHERE e.stream = ? AND e.revision = ?`,
      )
      .raw(true)
  }

  /** The state of a stream, whether it exists or not. */
  get(name: string): StreamState {
    const known = this.#states.get(name)
    if (known) return known
    const id = this.names.find(name)
    const last = this.#isEnded(name) ? TOMBSTONE_REVISION : id === undefined ? -1 : this.#last(id)
    const state: StreamState = { name, id, last, retention: this.#retention(name) }
    if (this.#states.size >= CAPACITY) this.#states.clear()
    this.#states.set(name, state)
    return state
  }

  /** Takes in that the stream got events up to this revision. */
  advance(state: StreamState, id: number, last: number): void {
    state.id = id
    state.last = last
    this.#states.set(state.name, state)
    if (isTombstoned(state)) this.#states.delete(metastreamOf(state.name))
    const original = originalStreamOf(state.name)
    const affected = original === undefined ? undefined : this.#states.get(original)
    if (affected) affected.retention = this.#retention(affected.name)
  }

  /** One event of a stream, whether retention hides it or not. */
  eventAt(state: StreamState, revision: number): DecodedEvent | undefined {
    const frame = this.frameAt(state, revision)
    return frame && decodeEventFrame(frame)
  }

  /** The stored frame of one event of a stream. */
  frameAt(state: StreamState, revision: number): Buffer | undefined {
    if (state.id === undefined || revision < 0 || revision > state.last) return undefined
    const row = this.#frameAt.get([state.id, revision]) as [ArrayBuffer] | undefined
    return row && Buffer.from(row[0])
  }

  /** The last metadata event of a stream. */
  metadataOf(stream: string): DecodedEvent | undefined {
    const metastream = this.get(metastreamOf(stream))
    return this.eventAt(metastream, metastream.last)
  }

  /** Forgets everything, after a write was undone. */
  clear(): void {
    this.#states.clear()
    this.names.clear()
  }

  /** Whether it is the metadata of a tombstoned stream: it ends with its stream. */
  #isEnded(name: string): boolean {
    const original = originalStreamOf(name)
    if (original === undefined) return false
    const known = this.#states.get(original)
    const id = known ? known.id : this.names.find(original)
    const last = known ? known.last : id === undefined ? -1 : this.#last(id)
    return last === TOMBSTONE_REVISION
  }

  #last(id: number): number {
    const [last] = this.#lastRevision.get([id]) as [number | null]
    return last ?? -1
  }

  #retention(stream: string): Retention {
    if (originalStreamOf(stream) !== undefined) return KEEP_LAST
    return retentionFrom(this.metadataOf(stream))
  }
}

/** Whether a deletion hides everything that is in the stream so far. */
export function isSoftDeleted(state: StreamState): boolean {
  return state.retention.truncateBefore === SOFT_DELETED
}

/** Whether the stream is gone for good. */
export function isTombstoned(state: StreamState): boolean {
  return state.last === TOMBSTONE_REVISION
}
