import type { EventStore } from '../event-store/event-store.ts'
import { StreamDeletedError } from '../event-store/event-store-errors.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { closeScope } from '../message/handler-resolver.ts'
import type { ReadModelRoute } from '../model/application-model.ts'
import { FoldPlanner } from '../projection/fold/fold-plan.ts'
import { ProjectionMeter } from '../projection/projection-meter.ts'
import type { ProjectionPorts } from '../projection/projection-ports.ts'
import { catchUp } from '../projection/rebuild/catch-up.ts'
import { SegmentWriter } from '../projection/write/segment-writer.ts'
import { storeCircuit } from '../projection/write/store-circuit.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import type { Generation } from '../read-model/generation.ts'
import { PastTooLargeError } from './past-errors.ts'
import type { PastProgress } from './past-tuning.ts'
import { isWithin, type PointInTime } from './point-in-time.ts'

const batchSize = 2_000

/** What is folded, how far and where to. */
export interface RefoldOptions {
  readonly ports: ProjectionPorts
  readonly route: ReadModelRoute
  readonly generation: Generation
  readonly point: PointInTime
  readonly mostEvents: number
  readonly onProgress: (progress: PastProgress) => void
  /** Ends the fold. */
  readonly signal: AbortSignal
}

/** A stream does not have all its events any more, so a document cannot be folded out of it; the log may have them. */
export class CutStreamError extends Error {}

/** Folds events again up to a point, into a generation of its own. */
export class Refold {
  readonly #options: RefoldOptions
  readonly #planner: FoldPlanner
  readonly #writer: SegmentWriter
  #events = 0

  private constructor(options: RefoldOptions, planner: FoldPlanner, writer: SegmentWriter) {
    this.#options = options
    this.#planner = planner
    this.#writer = writer
  }

  /** Runs a fold and frees what it held. */
  static async run(options: RefoldOptions, work: (refold: Refold) => Promise<void>): Promise<void> {
    const { ports, route, generation } = options
    const { readModels: store, codec, resolver, clock, logger } = ports
    const scope = resolver.open()
    try {
      const planner = new FoldPlanner(route.projection, codec, scope)
      const [meter, circuit] = [new ProjectionMeter(), storeCircuit(clock, logger)]
      const writer = await SegmentWriter.open({ generation, planner, store, meter, circuit })
      await work(new Refold(options, planner, writer))
    } finally {
      await closeScope(scope, logger)
    }
  }

  /**
   * Folds everything.
   *
   * @throws {PastTooLargeError}
   */
  async all(): Promise<void> {
    const { ports, route, point, signal } = this.#options
    await catchUp({
      projection: route.projection.name,
      eventStore: ports.eventStore,
      types: this.#planner.types,
      after: undefined,
      batchSize,
      signal,
      onBatch: async ({ events }) => {
        const end = events.findIndex((event) => !isWithin(event, point))
        const wanted = end < 0 ? events : events.slice(0, end)
        const last = wanted.at(-1)
        this.#count(wanted)
        if (last) await this.#writer.write(wanted, last.position)
        if (last) this.#report(last)
        return end < 0
      },
    })
  }

  /**
   * Folds one document out of its streams.
   *
   * @throws {PastTooLargeError}
   * @throws {CutStreamError} Events of one of them were cut off or deleted.
   */
  async document(id: string, streams: readonly StreamName[]): Promise<void> {
    const { ports, route, point } = this.#options
    const types = new Set(this.#planner.types)
    const events: RecordedEvent[] = []
    for (const stream of streams)
      for await (const batch of eventsUpTo(ports.eventStore, stream, point)) {
        const wanted = batch.filter(({ type }) => types.has(type))
        this.#count(wanted)
        events.push(...wanted)
      }
    events.sort((one, other) => (one.position < other.position ? -1 : 1))
    const isWanted = (document: { readonly model: string; readonly id: string }) =>
      document.model === route.model.name && document.id === id ? 'take' : 'leave'
    for (let start = 0; start < events.length; start += batchSize) {
      const batch = events.slice(start, start + batchSize)
      const plan = this.#writer.plan(batch, isWanted)
      const [misread] = plan.misread
      if (misread) throw misread
      const last = batch.at(-1) as RecordedEvent
      const { position = -1n } = this.#writer
      await this.#writer.commit(plan, last.position > position ? last.position : position)
      this.#report(last)
    }
  }

  #count(events: readonly RecordedEvent[]): void {
    const { route, point, mostEvents } = this.#options
    this.#events += events.length
    if (this.#events > mostEvents)
      throw new PastTooLargeError(route.projection.name, point, mostEvents)
  }

  #report({ position }: RecordedEvent): void {
    const { route, onProgress } = this.#options
    onProgress({ projection: route.projection.name, events: this.#events, position })
  }
}

async function* eventsUpTo(
  eventStore: EventStore,
  stream: StreamName,
  point: PointInTime,
): AsyncGenerator<readonly RecordedEvent[], undefined> {
  for await (const batch of wholeStream(eventStore, stream)) {
    const end = batch.findIndex((event) => !isWithin(event, point))
    yield end < 0 ? batch : batch.slice(0, end)
    if (end >= 0) return
  }
}

async function* wholeStream(
  eventStore: EventStore,
  stream: StreamName,
): AsyncGenerator<readonly RecordedEvent[], undefined> {
  let isBegun = false
  try {
    for await (const batch of eventStore.readStream(stream)) {
      if (!isBegun && batch[0]?.revision !== 0n) throw new CutStreamError()
      isBegun = true
      yield batch
    }
  } catch (error) {
    throw error instanceof StreamDeletedError ? new CutStreamError() : error
  }
}
