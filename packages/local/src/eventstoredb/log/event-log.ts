import type { LocalStorage, Statement } from '../../storage/local-storage.ts'
import { StorageFailedError } from '../../storage/storage-errors.ts'
import { encodeEventFrame, type ProposedEvent } from '../wire/event-frame.ts'
import { LOG_SCHEMA } from './log-schema.ts'
import { positionOf } from './log-position.ts'
import { NameDictionary } from './name-dictionary.ts'
import { RecentEventIds } from './recent-event-ids.ts'
import { type StreamState, StreamStates } from './stream-states.ts'

const REMEMBERED_NAMES = 50_000

/**
 * The one log of all events in commit order, and the group commit into it.
 *
 * Everything readers see is on disk: {@link lastSequence} moves only after the commit.
 */
export class EventLog {
  readonly storage: LocalStorage
  readonly types: NameDictionary
  readonly streams: StreamStates
  readonly recentIds = new RecentEventIds()
  readonly #insertEvent: Statement
  readonly #insertFrame: Statement
  readonly #listeners = new Set<() => void>()
  #written: number
  #committed: number
  #announced = false
  #failure: StorageFailedError | undefined

  constructor(storage: LocalStorage) {
    storage.migrate(LOG_SCHEMA)
    this.storage = storage
    this.types = new NameDictionary(storage, 'es_type', REMEMBERED_NAMES)
    this.streams = new StreamStates(
      storage,
      new NameDictionary(storage, 'es_stream', REMEMBERED_NAMES),
    )
    this.#insertEvent = storage.prepare('INSERT INTO es_event VALUES (?, ?, ?, ?, ?)')
    this.#insertFrame = storage.prepare('INSERT INTO es_frame VALUES (?, ?)')
    const [last] = storage.prepare('SELECT max(sequence) FROM es_event').raw(true).get([]) as [
      number | null,
    ]
    this.#written = last ?? 0
    this.#committed = this.#written
  }

  /** Sequence number of the last committed event, 0 for an empty log. */
  get lastSequence(): number {
    return this.#committed
  }

  /** Runs `listener` after commits, at most once per turn. Call the result to stop. */
  onCommitted(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Runs a job in the next group commit.
   *
   * @returns What the job returned, once it is on disk.
   * @throws What the job threw, with everything it did undone.
   */
  async write<T>(job: () => T): Promise<T> {
    const { result, end } = await this.#commit(job)
    if (end > this.#committed) {
      this.#committed = end
      this.#announce()
    }
    return result
  }

  /**
   * Called before every read: after a failed commit the file may show what is not on disk.
   *
   * @throws {StorageFailedError} A commit failed; only a restart helps.
   */
  checkReadable(): void {
    if (this.#failure) throw this.#failure
  }

  /**
   * Adds events to the end of a stream, inside {@link write}.
   *
   * @param firstRevision Revision of the first event; the others follow.
   * @returns Position of the last event.
   */
  add(state: StreamState, firstRevision: number, events: readonly ProposedEvent[]): number {
    const stream = state.id ?? this.streams.names.intern(state.name)
    const created = Date.now()
    let revision = firstRevision
    for (const event of events) {
      this.#written += 1
      const place = {
        stream: state.name,
        revision,
        position: positionOf(this.#written),
        created,
      }
      const type = this.types.intern(event.type)
      this.#insertEvent.run([this.#written, stream, revision, type, created])
      this.#insertFrame.run([this.#written, encodeEventFrame(event, place)])
      this.recentIds.add(event.id, { stream: state.name, revision })
      revision += 1
    }
    this.streams.advance(state, stream, revision - 1)
    return positionOf(this.#written)
  }

  async #commit<T>(job: () => T): Promise<{ result: T; end: number }> {
    try {
      return await this.storage.write(() => this.#run(job))
    } catch (reason) {
      if (reason instanceof StorageFailedError) {
        this.#failure = reason
        this.#announce()
      }
      throw reason
    }
  }

  #run<T>(job: () => T): { result: T; end: number } {
    try {
      return { result: job(), end: this.#written }
    } catch (reason) {
      // What was remembered of the job is undone with it.
      this.streams.clear()
      this.types.clear()
      this.recentIds.clear()
      throw reason
    }
  }

  #announce(): void {
    if (this.#announced) return
    this.#announced = true
    process.nextTick(() => {
      this.#announced = false
      for (const listener of this.#listeners) listener()
    })
  }
}
