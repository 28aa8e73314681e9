import type { Logger } from '../environment/logger.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { type StreamName, streamName } from '../event-store/stream-name.ts'
import { decodeAll } from '../serialization/decode-all.ts'
import { apart } from '../serialization/apart.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import { UnknownEventTypeError } from '../serialization/serialization-errors.ts'
import { SnapshotReader } from '../snapshot/snapshot-reader.ts'
import type { SnapshotStore } from '../snapshot/snapshot-store.ts'
import {
  describePoint,
  isWithin,
  type PointInTime,
  PointInTimeError,
  pointOf,
  type PointOrResult,
} from '../time-travel/point-in-time.ts'
import { revisionAt } from '../time-travel/revision-at.ts'
import type { AggregateDefinition, Evolve } from './aggregate-definition.ts'
import { AggregateNotFoundError } from './aggregate-errors.ts'

/** An aggregate as of one revision. */
export interface LoadedAggregate<State> {
  readonly id: string
  readonly stream: StreamName
  readonly state: State
  /** Revision of the last event in the state; undefined: the stream has no events. */
  readonly revision: bigint | undefined
  /** Revision of the snapshot the state was folded from. */
  readonly snapshotRevision: bigint | undefined
  /** What the snapshot says of the commands before it, as text. */
  readonly commandIds?: string
}

/** What a repository needs. */
export interface RepositoryPorts {
  readonly eventStore: EventStore
  /** Default: every load replays the whole stream. */
  readonly snapshotStore?: SnapshotStore
  readonly codec: EventCodec
  readonly logger: Logger
  /** Reads the snapshots. Default: one of its own. */
  readonly snapshots?: SnapshotReader
}

/** A limit above this one, that of 32 bits, is none. */
const mostLimited = 2n ** 31n - 1n

interface Start<State> {
  readonly state: State
  readonly revision: bigint | undefined
  readonly commandIds?: string | undefined
}

/** How far a stream is folded. */
interface Replay<State> {
  state: State
  revision: bigint | undefined
  /** Whether the event of the snapshot was seen, or there is none. */
  isProven: boolean
}

/** Loads the aggregates of one kind from their streams and snapshots. */
export class AggregateRepository<State = unknown> {
  readonly #ports: RepositoryPorts
  readonly #snapshots: SnapshotReader | undefined
  readonly #folds: ReadonlyMap<string, Evolve<State>>
  readonly #foldsByClass: ReadonlyMap<unknown, Evolve<State>>
  #foldsInPlace = false

  constructor(
    readonly definition: AggregateDefinition<State>,
    ports: RepositoryPorts,
  ) {
    this.#ports = ports
    const { snapshotStore, logger } = ports
    this.#snapshots =
      snapshotStore && (ports.snapshots ?? new SnapshotReader(snapshotStore, logger))
    this.#folds = new Map(definition.events.map(({ event, evolve }) => [event.type, evolve]))
    this.#foldsByClass = new Map(
      definition.events.map(({ event, evolve }) => [event.class as unknown, evolve]),
    )
  }

  /** Names the stream of an aggregate. */
  streamOf(id: string): StreamName {
    return streamName(this.definition.category, id)
  }

  /**
   * Loads an aggregate as it is now; one without events has its initial state.
   *
   * @param onReplay Sees each event that is replayed, before it is folded.
   * @throws {UnknownEventTypeError} The stream has an event nobody declared.
   * @throws {MalformedEventError} An event of the stream cannot be read.
   */
  async load(
    id: string,
    onReplay?: (event: RecordedEvent) => void,
  ): Promise<LoadedAggregate<State>> {
    const stream = this.streamOf(id)
    const start = await this.#start(stream, id)
    const look = (event: RecordedEvent): boolean => {
      onReplay?.(event)
      return true
    }
    return this.#replay(id, start, onReplay && look)
  }

  /**
   * Brings an aggregate up to date: reads only what its stream has after it, or all where the stream is not the one
   * it was loaded from any more.
   *
   * @param onReplay Sees each event that is replayed, before it is folded.
   */
  async refresh(
    { id, stream, state, revision, snapshotRevision }: LoadedAggregate<State>,
    onReplay?: (event: RecordedEvent) => void,
  ): Promise<LoadedAggregate<State>> {
    if (revision === undefined) return this.load(id, onReplay)
    const reading = this.#ports.eventStore.readStream(stream, { from: revision })
    let folded = state
    let last = revision
    let isProven = false
    for await (const batch of reading)
      for (const event of batch) {
        if (!isProven) {
          if (event.revision !== revision) return this.load(id, onReplay)
          isProven = true
          continue
        }
        onReplay?.(event)
        folded = this.#fold(folded, event)
        last = event.revision
      }
    if (!isProven) return this.load(id, onReplay)
    return { id, stream, state: folded, revision: last, snapshotRevision }
  }

  /** Reads what the stream has after a revision, as the aggregate's events; undefined: from its start. */
  async eventsAfter(id: string, revision: bigint | undefined): Promise<readonly object[]> {
    const from = revision === undefined ? 0n : revision + 1n
    const events: object[] = []
    for await (const batch of this.#ports.eventStore.readStream(this.streamOf(id), { from }))
      events.push(...batch.flatMap((event) => decodeAll(this.#ports.codec, event)))
    return events
  }

  /** Whether a fold has ever returned the very state it was given, and so may have changed it. */
  get foldsInPlace(): boolean {
    return this.#foldsInPlace
  }

  /** Folds events that are about to be stored into the state. */
  evolve(state: State, events: readonly object[]): State {
    let evolved = state
    for (const event of events) {
      const evolve = this.#foldsByClass.get(event.constructor)
      if (!evolve) continue
      const before = evolved
      evolved = evolve(before, apart(event))
      if (evolved === before) this.#foldsInPlace = true
    }
    return evolved
  }

  /**
   * Loads an aggregate as it was.
   *
   * @throws {AggregateNotFoundError} It had no events by then.
   * @throws {PointInTimeError} The stream has not reached the revision, or the date is none.
   */
  async loadAt(id: string, at: PointOrResult): Promise<LoadedAggregate<State>> {
    const { category } = this.definition
    const subject = `${category} "${id}"`
    const point = pointOf(subject, at)
    const revision = await this.#lastRevision(id, point)
    if (revision === 'none') throw new AggregateNotFoundError(category, id, describePoint(point))
    const until = revision === undefined ? point : { revision }
    const start = await this.#start(this.streamOf(id), id, revision)
    const loaded = await this.#replay(id, start, (event) => isWithin(event, until), revision)
    if (loaded.revision === undefined)
      throw new AggregateNotFoundError(category, id, describePoint(point))
    if (revision !== undefined && loaded.revision < revision)
      throw new PointInTimeError(
        subject,
        point,
        `its stream is only at revision ${loaded.revision}`,
      )
    return loaded
  }

  /** Folds one recorded event into the state, and returns the state, changed or new. */
  apply(state: State, event: RecordedEvent): State {
    return this.#fold(state, event)
  }

  /** Undefined: not known, and not needed where there are no snapshots to choose from. */
  async #lastRevision(id: string, point: PointInTime): Promise<bigint | 'none' | undefined> {
    if (point.revision !== undefined) return point.revision
    if (!this.definition.snapshot || !this.#snapshots) return undefined
    return (await revisionAt(this.#ports.eventStore, this.streamOf(id), point)) ?? 'none'
  }

  async #start(stream: StreamName, id: string, atOrBefore?: bigint): Promise<Start<State>> {
    const { snapshot: reading } = this.definition
    const found = reading && (await this.#snapshots?.read(stream, id, { reading, atOrBefore }))
    return found ?? { state: this.definition.initial(id), revision: undefined }
  }

  async #replay(
    id: string,
    start: Start<State>,
    isWanted?: (event: RecordedEvent) => boolean,
    last?: bigint,
  ): Promise<LoadedAggregate<State>> {
    const stream = this.streamOf(id)
    const replay = { ...start, isProven: start.revision === undefined }
    const from = start.revision ?? 0n
    // The snapshot's own event is read too: it proves that the snapshot is not newer than the stream.
    const reading = this.#ports.eventStore.readStream(stream, {
      from,
      ...(last !== undefined && last - from < mostLimited && { limit: Number(last - from) + 1 }),
    })
    for await (const batch of reading) if (!this.#foldBatch(replay, batch, isWanted)) break
    const { state, revision, isProven } = replay
    if (!isProven) {
      this.#snapshots?.ignore(stream, 'A snapshot is newer than its stream and was ignored.', {
        revision,
      })
      return this.#replay(
        id,
        { state: this.definition.initial(id), revision: undefined },
        isWanted,
        last,
      )
    }
    const { revision: snapshotRevision, commandIds } = start
    const loaded = { id, stream, state, revision, snapshotRevision }
    return commandIds === undefined ? loaded : { ...loaded, commandIds }
  }

  /** Folds a batch; false: nothing after it is wanted. A loop of its own, since one that also waits is far slower. */
  #foldBatch(
    replay: Replay<State>,
    batch: readonly RecordedEvent[],
    isWanted: ((event: RecordedEvent) => boolean) | undefined,
  ): boolean {
    let { state, revision, isProven } = replay
    let goesOn = true
    for (const event of batch) {
      if (!isProven) {
        isProven = event.revision === revision
        continue
      }
      goesOn = isWanted?.(event) ?? true
      if (!goesOn) break
      state = this.#fold(state, event)
      revision = event.revision
    }
    replay.state = state
    replay.revision = revision
    replay.isProven = isProven
    return goesOn
  }

  #fold(state: State, event: RecordedEvent): State {
    const parts = this.#ports.codec.upcast(event)
    if (!parts) return this.#foldCurrent(state, event)
    return parts.reduce((folded, part) => this.#foldCurrent(folded, part), state)
  }

  #foldCurrent(state: State, event: RecordedEvent): State {
    const evolve = this.#folds.get(event.type)
    if (evolve) return evolve(state, this.#ports.codec.read(event), event)
    if (!this.#ports.codec.definition(event.type)) throw new UnknownEventTypeError(event)
    return state
  }
}
