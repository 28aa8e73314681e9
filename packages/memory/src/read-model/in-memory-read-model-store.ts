import {
  type Checkpoint,
  CheckpointConflictError,
  checkpointId,
  collectionName,
  type ConsistencyLevel,
  type Generation,
  GenerationConflictError,
  type GenerationRecord,
  type ReadModelCommit,
  type ReadModelDefinition,
  type ReadModelDocument,
  type ReadModelStore,
  type StoredDocument,
  type ViewPoint,
} from '@varve/core'
import { InMemoryReadModelChanges } from '../live-query/in-memory-read-model-changes.ts'
import { copyDocument } from './copy-document.ts'
import { InMemoryCollection, type PreparedWrite, prepareWrite } from './in-memory-collection.ts'
import { ReadModelWithoutHistoryError } from './in-memory-read-model-errors.ts'
import { InMemoryReadModelView } from './in-memory-read-model-view.ts'

/** Options of {@link InMemoryReadModelStore}. */
export interface InMemoryReadModelStoreOptions {
  /** What to promise. `idempotent` writes as a server without transactions would. Default `exactly-once`. */
  readonly level?: ConsistencyLevel
}

/**
 * The read-model store in memory: the fast target of tests, and the smallest complete example of writing one.
 *
 * Documents are copied when they come in and when they go out, so they change by commits only. A commit at
 * level `exactly-once` runs without a pause, at level `idempotent` others may run between documents and checkpoint.
 */
export class InMemoryReadModelStore implements ReadModelStore {
  /** Tells of what is committed here. */
  readonly changes = new InMemoryReadModelChanges()
  readonly #level: ConsistencyLevel
  readonly #records = new Map<string, GenerationRecord>()
  readonly #checkpoints = new Map<string, Checkpoint>()
  readonly #collections = new Map<string, InMemoryCollection>()

  constructor(options: InMemoryReadModelStoreOptions = {}) {
    this.#level = options.level ?? 'exactly-once'
  }

  async level(): Promise<ConsistencyLevel> {
    return this.#level
  }

  async generations(projection: string): Promise<GenerationRecord | undefined> {
    return this.#records.get(projection)
  }

  async saveGenerations(record: GenerationRecord, expectedRevision: number): Promise<void> {
    const found = this.#records.get(record.projection)?.revision ?? 0
    if (found !== expectedRevision || record.revision !== expectedRevision + 1)
      throw new GenerationConflictError(record.projection)
    this.#records.set(record.projection, structuredClone(record))
    this.changes.tellGenerations(record.projection)
  }

  async create(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void> {
    for (const model of models) this.#collection(model, generation)
  }

  async drop(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void> {
    for (const model of models) this.#collections.delete(collectionName(model, generation))
    this.#checkpoints.delete(checkpointId(generation))
  }

  async checkpoint(generation: Generation): Promise<Checkpoint | undefined> {
    return this.#checkpoints.get(checkpointId(generation))
  }

  async takeCheckpoint(generation: Generation): Promise<Checkpoint> {
    const id = checkpointId(generation)
    const last = this.#checkpoints.get(id)
    const taken = { id, position: last?.position, epoch: (last?.epoch ?? 0n) + 1n }
    this.#checkpoints.set(id, taken)
    return taken
  }

  async load(
    generation: Generation,
    model: ReadModelDefinition,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    const collection = this.#collections.get(collectionName(model, generation))
    const loaded = new Map<string, StoredDocument>()
    for (const id of ids) {
      const stored = collection?.load(id)
      if (stored) loaded.set(id, stored)
    }
    return loaded
  }

  async commit({ generation, writes, from, position }: ReadModelCommit): Promise<Checkpoint> {
    this.#checkCheckpoint(from)
    const prepared = writes.map(prepareWrite)
    for (const [collection, own] of this.#byCollection(generation, prepared)) collection.check(own)
    for (const write of prepared) this.#collection(write.model, generation).apply(write)
    if (this.#level === 'idempotent') {
      await Promise.resolve()
      this.#checkCheckpoint(from)
    }
    const moved = { ...from, position }
    this.#checkpoints.set(from.id, moved)
    this.changes.tellCommit(generation, writes)
    return moved
  }

  view(generation: Generation, model: ReadModelDefinition, at?: ViewPoint): InMemoryReadModelView {
    if (at && !model.history) throw new ReadModelWithoutHistoryError(model.name)
    return new InMemoryReadModelView({
      model: model.name,
      collection: () => this.#collections.get(collectionName(model, generation)),
      resolve: (name) => this.#documentsOf(name),
      ...(at && { at }),
    })
  }

  async close(): Promise<void> {
    // Nothing is under way and nothing is held: a closed store may be read on, which suits tests.
  }

  #byCollection(
    generation: Generation,
    writes: readonly PreparedWrite[],
  ): ReadonlyMap<InMemoryCollection, readonly PreparedWrite[]> {
    const models = new Set(writes.map(({ model }) => model))
    return new Map(
      Array.from(models, (model) => [
        this.#collection(model, generation),
        writes.filter((write) => write.model === model),
      ]),
    )
  }

  #checkCheckpoint(from: Checkpoint): void {
    const found = this.#checkpoints.get(from.id)
    if (found?.epoch !== from.epoch || found.position !== from.position)
      throw new CheckpointConflictError(from, found)
  }

  #collection(model: ReadModelDefinition, generation: Generation): InMemoryCollection {
    const name = collectionName(model, generation)
    let collection = this.#collections.get(name)
    if (!collection) this.#collections.set(name, (collection = new InMemoryCollection(model)))
    return collection
  }

  #documentsOf(collection: string): readonly ReadModelDocument[] {
    const rows = this.#collections.get(collection)?.rows() ?? []
    return Array.from(rows, ({ comparable }) => copyDocument(comparable))
  }
}
