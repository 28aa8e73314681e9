import type { Logger } from '../environment/logger.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import type { JsonValue } from '../serialization/json-value.ts'
import type { Snapshot, SnapshotStore } from './snapshot-store.ts'

/** What of a policy reading needs. */
export interface SnapshotReading<State> {
  readonly version: number
  upcast?(this: void, state: JsonValue, version: number): JsonValue | undefined
  restore(state: JsonValue, id: string): State
}

/** A state to go on from. */
export interface RestoredState<State> {
  readonly state: State
  readonly revision: bigint
  readonly commandIds: string | undefined
}

/** More than this many of no use, and the events are replayed. */
const mostTries = 4

/** Finds the newest snapshot that can be used, and says which ones cannot, and why. */
export class SnapshotReader {
  readonly #store: SnapshotStore
  readonly #logger: Logger
  #ignored = 0

  constructor(store: SnapshotStore, logger: Logger) {
    this.#store = store
    this.#logger = logger
  }

  /** How many snapshots were of no use since the start. */
  get ignored(): number {
    return this.#ignored
  }

  /** Notes that a snapshot is of no use. */
  ignore(stream: StreamName, reason: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#ignored += 1
    this.#logger.warn(reason, { stream, ...fields })
  }

  /** Returns the state of the newest usable snapshot at or before a revision; undefined where there is none. */
  async read<State>(
    stream: StreamName,
    id: string,
    { reading, atOrBefore }: { reading: SnapshotReading<State>; atOrBefore: bigint | undefined },
  ): Promise<RestoredState<State> | undefined> {
    let newest = atOrBefore
    for (let tries = 0; tries < mostTries; tries += 1) {
      const snapshot = await this.#load(stream, newest)
      if (!snapshot) return undefined
      const restored = this.#restore(stream, id, { reading, snapshot })
      if (restored) return restored
      if (snapshot.revision <= 0n) return undefined
      newest = snapshot.revision - 1n
    }
    return undefined
  }

  async #load(stream: StreamName, atOrBefore: bigint | undefined): Promise<Snapshot | undefined> {
    try {
      return await this.#store.load(stream, atOrBefore === undefined ? {} : { atOrBefore })
    } catch (error) {
      this.ignore(stream, unusable, { error })
      return undefined
    }
  }

  #restore<State>(
    stream: StreamName,
    id: string,
    { reading, snapshot }: { reading: SnapshotReading<State>; snapshot: Snapshot },
  ): RestoredState<State> | undefined {
    const { revision, version, commandIds } = snapshot
    if (snapshot.stream !== stream) {
      this.ignore(stream, 'A snapshot of another stream was ignored.', { found: snapshot.stream })
      return undefined
    }
    try {
      const state =
        version < reading.version ? reading.upcast?.(snapshot.state, version) : snapshot.state
      if (version <= reading.version && state !== undefined)
        return { state: reading.restore(state, id), revision, commandIds }
      this.ignore(stream, 'A snapshot of another version was ignored.', {
        revision,
        found: version,
        expected: reading.version,
      })
    } catch (error) {
      this.ignore(stream, unusable, { revision, error })
    }
    return undefined
  }
}

const unusable = 'A snapshot could not be used; the events are replayed.'
