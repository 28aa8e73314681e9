import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { Generation } from '../read-model/generation.ts'
import type { ReadModelDefinition } from '../read-model/read-model-definition.ts'
import type { Checkpoint, ReadModelStore } from '../read-model/read-model-store.ts'
import type { BatchFold, FoldPlan } from './batch-fold.ts'
import { DocumentCache } from './document-cache.ts'

const cachedDocuments = 20_000

/** Writes events into one generation of a projection's read models: load, fold, commit. */
export class GenerationWriter {
  readonly #fold: BatchFold
  readonly #store: ReadModelStore
  readonly #cache = new DocumentCache(cachedDocuments)
  #checkpoint: Checkpoint

  private constructor(
    readonly generation: Generation,
    fold: BatchFold,
    store: ReadModelStore,
    checkpoint: Checkpoint,
  ) {
    this.#fold = fold
    this.#store = store
    this.#checkpoint = checkpoint
  }

  /** Takes a generation over: every earlier writer of it is refused from now on. */
  static async open(
    generation: Generation,
    fold: BatchFold,
    store: ReadModelStore,
  ): Promise<GenerationWriter> {
    return new GenerationWriter(generation, fold, store, await store.takeCheckpoint(generation))
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
    if (this.#checkpoint.position !== undefined && position <= this.#checkpoint.position) return
    try {
      const plan = this.#fold.plan(events, this.#cache)
      await this.#load(plan)
      const writes = this.#fold.apply(plan)
      const { generation } = this
      this.#checkpoint = await this.#store.commit({
        generation,
        writes,
        from: this.#checkpoint,
        position,
      })
      for (const entry of plan.documents) {
        entry.stored = entry.position
        entry.versions = []
      }
      this.#cache.trim()
    } catch (error) {
      this.#cache.clear()
      throw error
    }
  }

  async #load({ documents }: FoldPlan): Promise<void> {
    const missing = new Map<ReadModelDefinition, string[]>()
    for (const { model, id, isLoaded } of documents) {
      if (isLoaded) continue
      const ids = missing.get(model)
      if (ids) ids.push(id)
      else missing.set(model, [id])
    }
    for (const [model, ids] of missing) {
      const found = await this.#store.load(this.generation, model, ids)
      for (const [id, stored] of found) {
        const entry = this.#cache.entry(model, id)
        entry.document = stored.document
        entry.stored = stored.position
        entry.position = stored.position
      }
    }
    for (const entry of documents) entry.isLoaded = true
  }
}
