import type { AggregateRepository, LoadedAggregate } from '../aggregate/aggregate-repository.ts'
import { AggregateNotFoundError } from '../aggregate/aggregate-errors.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import { copyState } from './copy-state.ts'
import {
  isWithin,
  type PointInTime,
  PointInTimeError,
  pointOf,
  type PointOrResult,
} from './point-in-time.ts'
import { revisionAt } from './revision-at.ts'
import { type StateChange, stateChanges } from './state-changes.ts'

/** Which way past events are shown: as they would be written today, or as they were. */
export type SchemaOfThePast = 'current' | 'original'

/** Options of {@link AggregateHistory.read}. */
export interface HistoryOptions {
  /** The first event shown: at this point or after it. Default: the first event there is. */
  readonly from?: PointOrResult
  /** The last event shown: at this point or before it. Default: the last event there is. */
  readonly to?: PointOrResult
  /**
   * `original` shows each event as it is stored: type, data and schema version. `current` shows what today's upcasters
   * make of it, which may be several, or none. States are always folded from the latter. Default `current`.
   */
  readonly schema?: SchemaOfThePast
}

/** One event of an aggregate and what it did. Both states are the reader's own. */
export interface HistoryEntry<State> {
  readonly event: RecordedEvent
  /** Version of the schema `event` is in. */
  readonly schemaVersion: number
  /** The state before the event; before the first one, the initial state. */
  readonly before: State
  readonly after: State
  /** Where the two differ. */
  readonly changes: readonly StateChange[]
}

/** Two states of an aggregate. Both are the reader's own. */
export interface AggregateDiff<State> {
  readonly before: State
  readonly after: State
  /** Revision of each state; undefined: the aggregate had no events by then. */
  readonly beforeRevision: bigint | undefined
  readonly afterRevision: bigint | undefined
  readonly changes: readonly StateChange[]
}

/** Shows what happened to one aggregate, event by event. */
export class AggregateHistory<State> {
  readonly #repository: AggregateRepository<State>
  readonly #eventStore: EventStore
  readonly #codec: EventCodec

  constructor(
    repository: AggregateRepository<State>,
    ports: { readonly eventStore: EventStore; readonly codec: EventCodec },
  ) {
    this.#repository = repository
    this.#eventStore = ports.eventStore
    this.#codec = ports.codec
  }

  /**
   * Yields the events of an aggregate, oldest first, each with the state before and after it.
   *
   * @throws {AggregateNotFoundError} It has no events.
   * @throws {PointInTimeError} `from` or `to` is no point of its past.
   */
  async *read(
    id: string,
    { from, to, schema = 'current' }: HistoryOptions = {},
  ): AsyncGenerator<HistoryEntry<State>, undefined> {
    const subject = this.#subject(id)
    const end = to === undefined ? undefined : pointOf(subject, to)
    const start = from === undefined ? undefined : pointOf(subject, from)
    const first = start ? await this.#firstRevision(id, start) : 0n
    const base = start && first > 0n ? await this.#before(id, first, start) : undefined
    let state = base?.state ?? this.#repository.definition.initial(id)
    let isEmpty = base === undefined
    const stream = this.#repository.streamOf(id)
    for await (const batch of this.#eventStore.readStream(stream, { from: first }))
      for (const stored of batch) {
        isEmpty = false
        if (end && !isWithin(stored, end)) return
        const parts = schema === 'current' ? this.#codec.upcast(stored) : undefined
        for (const event of parts ?? [stored]) {
          const before = this.#copy(id, state)
          state = this.#repository.apply(state, event)
          const after = this.#copy(id, state)
          const schemaVersion = event.metadata.schemaVersion ?? 1
          yield { event, schemaVersion, before, after, changes: stateChanges(before, after) }
        }
      }
    if (isEmpty) throw new AggregateNotFoundError(this.#repository.definition.category, id)
  }

  /**
   * Compares an aggregate at two points. Where it had no events by one of them, that is its initial state.
   *
   * @throws {AggregateNotFoundError} It had none by either.
   * @throws {PointInTimeError} One of the points is not of its past.
   */
  async diff(id: string, from: PointOrResult, to: PointOrResult): Promise<AggregateDiff<State>> {
    const [one, other] = await Promise.all([this.#stateAt(id, from), this.#stateAt(id, to)])
    const missing = [one, other].filter((found) => found instanceof AggregateNotFoundError)
    if (missing.length === 2) throw missing[1] as AggregateNotFoundError
    const before = this.#loaded(id, one)
    const after = this.#loaded(id, other)
    return {
      before: before.state,
      after: after.state,
      beforeRevision: before.revision,
      afterRevision: after.revision,
      changes: stateChanges(before.state, after.state),
    }
  }

  async #stateAt(
    id: string,
    at: PointOrResult,
  ): Promise<LoadedAggregate<State> | AggregateNotFoundError> {
    try {
      return await this.#repository.loadAt(id, pointOf(this.#subject(id), at))
    } catch (error) {
      if (error instanceof AggregateNotFoundError) return error
      throw error
    }
  }

  #loaded(
    id: string,
    found: LoadedAggregate<State> | AggregateNotFoundError,
  ): Pick<LoadedAggregate<State>, 'state' | 'revision'> {
    if (!(found instanceof AggregateNotFoundError)) return found
    return { state: this.#repository.definition.initial(id), revision: undefined }
  }

  async #firstRevision(id: string, from: PointInTime): Promise<bigint> {
    if (from.revision !== undefined) return from.revision
    const before =
      from.position !== undefined
        ? { position: from.position - 1n }
        : { date: new Date(from.date.getTime() - 1) }
    const last = await revisionAt(this.#eventStore, this.#repository.streamOf(id), before)
    return last === undefined ? 0n : last + 1n
  }

  /** The state a history begins with; undefined: nothing is there before it, or it was cut off. */
  async #before(
    id: string,
    first: bigint,
    from: PointInTime,
  ): Promise<LoadedAggregate<State> | undefined> {
    try {
      return await this.#repository.loadAt(id, { revision: first - 1n })
    } catch (error) {
      if (error instanceof AggregateNotFoundError) return undefined
      if (!(error instanceof PointInTimeError)) throw error
      throw new PointInTimeError(this.#subject(id), from, 'its stream ends before that')
    }
  }

  #copy(id: string, state: State): State {
    return copyState(this.#repository.definition, id, state)
  }

  #subject(id: string): string {
    return `${this.#repository.definition.category} "${id}"`
  }
}
