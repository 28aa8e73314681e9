import {
  allSlots,
  type Checkpoint,
  checkpointId,
  type Clock,
  collectionName,
  type ConsistencyLevel,
  type Generation,
  GenerationConflictError,
  type GenerationRecord,
  type LeftGeneration,
  type ReadModelCommit,
  type ReadModelDefinition,
  type ReadModelDocument,
  type ReadModelStore,
  ReadModelWithoutHistoryError,
  type SlotRange,
  type StoredDocument,
  type StoredVersion,
  systemClock,
  type VersionKey,
  type ViewPoint,
} from '@varve/core'
import { copyLetters } from '../dead-letter/copy-letters.ts'
import { InMemoryDeadLetterStore } from '../dead-letter/in-memory-dead-letter-store.ts'
import { LetterQueues } from '../dead-letter/letter-queues.ts'
import { InMemoryReadModelChanges } from '../live-query/in-memory-read-model-changes.ts'
import { copyDocument } from './copy-document.ts'
import { InMemoryCheckpoints } from './in-memory-checkpoints.ts'
import { InMemoryCollection, type PreparedWrite, prepareWrite } from './in-memory-collection.ts'
import { InMemoryReadModelView } from './in-memory-read-model-view.ts'
import { prepareUpdates } from './update/prepare-updates.ts'

/** Options of {@link InMemoryReadModelStore}. */
export interface InMemoryReadModelStoreOptions {
  /** What to promise. `idempotent` writes as a server without transactions would. Default `exactly-once`. */
  readonly level?: ConsistencyLevel
  /** Time of `$currentDate`, and of letters to try again at once. Default: the machine's clock. */
  readonly clock?: Clock
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
  readonly deadLetters: InMemoryDeadLetterStore
  readonly #level: ConsistencyLevel
  readonly #clock: Clock
  readonly #records = new Map<string, GenerationRecord>()
  readonly #checkpoints = new InMemoryCheckpoints()
  readonly #letters = new LetterQueues()
  readonly #collections = new Map<string, InMemoryCollection>()

  constructor(options: InMemoryReadModelStoreOptions = {}) {
    this.#level = options.level ?? 'exactly-once'
    this.#clock = options.clock ?? systemClock
    this.deadLetters = new InMemoryDeadLetterStore({ clock: this.#clock }, this.#letters)
  }

  async level(): Promise<ConsistencyLevel> {
    return this.#level
  }

  async generations(projection: string): Promise<GenerationRecord | undefined> {
    return this.#records.get(projection)
  }

  async saveGenerations(
    record: GenerationRecord,
    expectedRevision: number,
    left?: LeftGeneration,
  ): Promise<void> {
    const found = this.#records.get(record.projection)?.revision ?? 0
    if (found !== expectedRevision || record.revision !== expectedRevision + 1)
      throw new GenerationConflictError(record.projection)
    if (left) this.#checkpoints.leave(left)
    this.#records.set(record.projection, structuredClone(record))
    this.changes.tellGenerations(record.projection)
  }

  async create(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void> {
    for (const model of models) this.#collection(model, generation)
  }

  async drop(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void> {
    for (const model of models) this.#collections.delete(collectionName(model, generation))
    this.#checkpoints.drop(generation)
    this.#letters.clear(checkpointId(generation))
  }

  async checkpoints(generation: Generation): Promise<readonly Checkpoint[]> {
    return this.#checkpoints.of(generation)
  }

  async takeCheckpoint(generation: Generation, slots: SlotRange = allSlots): Promise<Checkpoint> {
    return this.#checkpoints.take(generation, slots)
  }

  async split(generation: Generation, checkpoint: Checkpoint): Promise<void> {
    this.#checkpoints.split(generation, checkpoint)
  }

  async merge(generation: Generation, lower: Checkpoint, upper: Checkpoint): Promise<void> {
    this.#checkpoints.merge(generation, lower, upper)
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

  async list(
    generation: Generation,
    model: ReadModelDefinition,
    after: string | undefined,
    limit: number,
  ): Promise<readonly ReadModelDocument[]> {
    return this.#collections.get(collectionName(model, generation))?.list(after, limit) ?? []
  }

  async listVersions(
    generation: Generation,
    model: ReadModelDefinition,
    after: VersionKey | undefined,
    limit: number,
  ): Promise<readonly StoredVersion[]> {
    return this.#collections.get(collectionName(model, generation))?.versions(after, limit) ?? []
  }

  async loadVersions(
    generation: Generation,
    model: ReadModelDefinition,
    keys: readonly VersionKey[],
  ): Promise<readonly StoredVersion[]> {
    const collection = this.#collections.get(collectionName(model, generation))
    return keys.map((key) => collection?.version(key)).filter((found) => found !== undefined)
  }

  async commit(commit: ReadModelCommit): Promise<Checkpoint> {
    const { generation, from, position, deadLetters = [], settled = [] } = commit
    this.#checkpoints.check(generation, from)
    const prepared = this.#prepare(commit)
    const letters = copyLetters(deadLetters)
    for (const [collection, own] of this.#byCollection(generation, prepared)) collection.check(own)
    for (const write of prepared) this.#collection(write.model, generation).apply(write)
    for (const letter of letters) this.#letters.put(letter)
    for (const letter of settled) this.#letters.settle(letter)
    if (this.#level === 'idempotent') await Promise.resolve()
    const moved = this.#checkpoints.move(generation, from, position)
    this.changes.tellCommit(generation, prepared)
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

  /** Nothing is dropped here, whatever the retention allows. */
  async reaches(): Promise<boolean> {
    return true
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

  #prepare({
    generation,
    writes,
    updates = [],
    isRepair = false,
  }: ReadModelCommit): readonly PreparedWrite[] {
    const updated = prepareUpdates(updates, {
      load: ({ model, id }) => this.#collections.get(collectionName(model, generation))?.load(id),
      now: this.#clock.now(),
    })
    return [...writes.map((write) => ({ ...prepareWrite(write), isRepair })), ...updated]
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
