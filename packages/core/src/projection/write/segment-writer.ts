import type { DeadLetter, DeadLetterId } from '../../dead-letter/dead-letter-store.ts'
import type { CircuitBreaker } from '../../circuit-breaker/circuit-breaker.ts'
import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import type { Generation } from '../../read-model/generation.ts'
import type { ReadModelDefinition } from '../../read-model/read-model-definition.ts'
import type { Checkpoint, ReadModelStore } from '../../read-model/read-model-store.ts'
import type { SlotRange } from '../../read-model/slots.ts'
import { applyPlan } from '../fold/batch-fold.ts'
import { type CachedDocument, DocumentCache } from '../fold/document-cache.ts'
import type { FoldPlan, FoldPlanner, PlanScope } from '../fold/fold-plan.ts'
import type { ProjectionMeter } from '../projection-meter.ts'
import { type DocumentSeeds, Seeding } from './seeding.ts'

const cachedDocuments = 20_000

/** Where a segment is and what folds its events. */
export interface SegmentWriterOptions {
  readonly generation: Generation
  readonly planner: FoldPlanner
  readonly store: ReadModelStore
  readonly meter: ProjectionMeter
  /** Around the calls that load and commit. */
  readonly circuit: CircuitBreaker
  /** Default: all slots, of a generation that is not shared. */
  readonly slots?: SlotRange
  /** Documents that need not be folded from their first event. Default none. */
  readonly seeds?: DocumentSeeds
}

/** What becomes of letters in the commit of a plan. */
export interface LetterChanges {
  readonly deadLetters?: readonly DeadLetter[]
  readonly settled?: readonly DeadLetterId[]
}

/** Writes events into one segment of one generation of a projection's read models: load, fold, commit. */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions
  readonly #cache = new DocumentCache(cachedDocuments)
  readonly #seeding: Seeding | undefined
  #checkpoint: Checkpoint

  private constructor(options: SegmentWriterOptions, checkpoint: Checkpoint) {
    this.#options = options
    this.#checkpoint = checkpoint
    this.#seeding = options.seeds && new Seeding(options.seeds, this.#cache)
  }

  /**
   * Takes a segment over: every earlier writer of it is refused from now on.
   *
   * @throws {SegmentGoneError} It was split or merged.
   */
  static async open(options: SegmentWriterOptions): Promise<SegmentWriter> {
    const { store, generation, slots } = options
    return new SegmentWriter(options, await store.takeCheckpoint(generation, slots))
  }

  get generation(): Generation {
    return this.#options.generation
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint
  }

  /** Everything up to here is stored. */
  get position(): bigint | undefined {
    return this.#checkpoint.position
  }

  /**
   * Folds a batch and commits it together with its position.
   *
   * @param position At or behind the last event; everything asked for up to it is in the batch.
   * @throws {ProjectionHandlerError} A handler threw. Nothing was written.
   * @throws {CheckpointConflictError} Another writer took over. Nothing was written.
   */
  async write(events: readonly RecordedEvent[], position: bigint): Promise<void> {
    if (this.isPast(position)) return
    await this.prepare(events)
    const plan = this.plan(events)
    const [misread] = plan.misread
    if (misread) throw misread
    await this.commit(plan, position)
  }

  /** Gets what need not be folded of the documents of events; does nothing where all is folded. */
  async prepare(events: readonly RecordedEvent[]): Promise<void> {
    await this.#plant(events, false)
  }

  /**
   * Stores the whole documents of the streams of events, and moves on to a position: everything asked for up to there
   * is in them.
   *
   * @returns False: not all of them can be had as a whole. Nothing was written.
   */
  async seed(events: readonly RecordedEvent[], position: bigint): Promise<boolean> {
    if (this.isPast(position)) return true
    if (await this.#plant(events, true)) {
      await this.commit(this.plan([]), position)
      return true
    }
    this.forget()
    return false
  }

  /** Tells whether everything up to a position is stored. */
  isPast(position: bigint): boolean {
    return this.position !== undefined && position <= this.position
  }

  /** Finds the documents of a batch within this segment. */
  plan(events: readonly RecordedEvent[], route?: PlanScope['route']): FoldPlan {
    const { slots } = this.#checkpoint
    const { position } = this
    const fresh =
      position === undefined || events[0] === undefined || events[0].position > position || route
        ? events
        : events.filter((event) => event.position > position)
    const routed = this.#seeding ? this.#seeding.route(route) : route
    return this.#options.planner.plan(fresh, this.#cache, { slots, route: routed })
  }

  /**
   * Applies a plan and commits it, with what becomes of letters.
   *
   * @throws {ProjectionHandlerError} A handler threw. Nothing was written.
   * @throws {CheckpointConflictError} Another writer took over. Nothing was written.
   */
  async commit(planned: FoldPlan, position: bigint, letters: LetterChanges = {}): Promise<void> {
    const { generation, planner, store, meter, circuit } = this.#options
    const plan = this.#withSeeds(planned)
    try {
      await meter.measure('load', () => this.#load(plan.documents))
      const { writes, updates, repeated } = meter.measureNow('fold', () =>
        applyPlan(planner.projection, plan),
      )
      const from = this.#checkpoint
      const change = { generation, writes, from, position, ...letters }
      this.#checkpoint = await meter.measure('commit', () =>
        circuit.run(() => store.commit(updates.length > 0 ? { ...change, updates } : change)),
      )
      meter.note(plan, repeated)
      for (const entry of plan.documents) {
        entry.stored = entry.position
        entry.versions = []
      }
      this.#seeding?.clear()
      this.#cache.trim()
    } catch (error) {
      this.forget()
      throw error
    }
  }

  /** Forgets the documents in memory: a handler spoilt them, or they may not be what is stored. */
  forget(): void {
    this.#cache.clear()
    this.#seeding?.clear()
  }

  async #plant(events: readonly RecordedEvent[], isWhole: boolean): Promise<boolean> {
    if (!this.#seeding) return true
    const entries = this.#seeding.newIn(events, this.#checkpoint.slots)
    try {
      await this.#load(entries)
      return await this.#seeding.plant(events, entries, isWhole)
    } catch (error) {
      this.forget()
      throw error
    }
  }

  #withSeeds(plan: FoldPlan): FoldPlan {
    if (!this.#seeding) return plan
    return { ...plan, documents: new Set([...plan.documents, ...this.#seeding.planted]) }
  }

  async #load(documents: Iterable<CachedDocument>): Promise<void> {
    const { store, circuit } = this.#options
    const missing = new Map<ReadModelDefinition, string[]>()
    for (const { model, id, isLoaded } of documents) {
      if (isLoaded) continue
      const ids = missing.get(model)
      if (ids) ids.push(id)
      else missing.set(model, [id])
    }
    for (const [model, ids] of missing) {
      const found = await circuit.run(() => store.load(this.generation, model, ids))
      for (const [id, stored] of found) {
        const entry = this.#cache.entry(model, id)
        entry.document = stored.document
        entry.stored = stored.position
        entry.position = stored.position
        entry.events = stored.events
      }
    }
    for (const entry of documents) entry.isLoaded = true
  }
}
