import {
  allSlots,
  type Checkpoint,
  checkpointId,
  collectionName,
  type ConsistencyLevel,
  type CreateOptions,
  type Generation,
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
  type VersionKey,
  type ViewPoint,
} from '@varve/core'
import { Checkpoints } from './checkpoint/checkpoints.ts'
import { SegmentChanges } from './checkpoint/segment-changes.ts'
import { type Committer, movesOnly } from './commit/committer.ts'
import type { MetaDocument } from './commit/document-operations.ts'
import { ExactlyOnceCommitter } from './commit/exactly-once-committer.ts'
import { IdempotentCommitter } from './commit/idempotent-committer.ts'
import { listDocuments, loadDocuments } from './commit/load-documents.ts'
import { LeftoverDeletions } from './commit/leftover-deletions.ts'
import { Tombstones } from './commit/tombstones.ts'
import {
  MongoConnection,
  type MongoConnectionOptions,
  type MongoTarget,
} from './connection/mongo-connection.ts'
import { levelOf, settleLevel } from './connection/server-level.ts'
import { MongoDeadLetterStore } from './dead-letter/mongodb-dead-letter-store.ts'
import { CollectionSchema } from './generation/collection-schema.ts'
import { GenerationRecords } from './generation/generation-records.ts'
import { GenerationSwitch } from './generation/generation-switch.ts'
import { StableViews } from './generation/stable-views.ts'
import { historyOf, type HistoryVersion } from './history/history-collection.ts'
import { reachesBack } from './history/history-retention.ts'
import { listVersions, loadVersions } from './history/read-versions.ts'
import { LiveReadModelView } from './view/live-view.ts'
import { PastReadModelView } from './view/past-view.ts'
import type { ReadModelView } from './view/read-model-view.ts'

/** Options of {@link MongoReadModelStore} besides the connection. */
export interface MongoReadModelStoreOptions {
  /**
   * Level to run at. Default: what the server can do. `exactly-once` makes {@link MongoReadModelStore.level} fail
   * on a standalone server; `idempotent` goes without transactions everywhere.
   */
  readonly require?: ConsistencyLevel
  /** How long a commit is tried again, in milliseconds; keep it under the runner's lease. Default 10 000. */
  readonly commitBudgetMs?: number
  /**
   * Whether to keep a MongoDB view for each read model, named as the model is, on the collection readers see, for those
   * who read the database without Varve. Default false.
   */
  readonly views?: boolean
}

/** Where a store is: a target of its own, or a connection it shares and leaves open. */
export type MongoStoreTarget =
  (MongoTarget & MongoConnectionOptions) | { readonly connection: MongoConnection }

/**
 * Read models in MongoDB.
 *
 * A document is stored with what the projection gave it and `_meta: { position, events, at }`: the position of the
 * last event in it, as int64, and how many there are. Fields that are undefined are left out. Beside the read models
 * the database has `varve_generations`, `varve_checkpoints`, `varve_tombstones` and `varve_dead_letters`.
 */
export class MongoReadModelStore implements ReadModelStore {
  readonly deadLetters: MongoDeadLetterStore
  readonly #connection: MongoConnection
  readonly #isOwner: boolean
  readonly #required: ConsistencyLevel | undefined
  readonly #checkpoints: Checkpoints
  readonly #segments: SegmentChanges
  readonly #tombstones: Tombstones
  readonly #records: GenerationRecords
  readonly #switch: GenerationSwitch
  readonly #schema: CollectionSchema
  readonly #views: StableViews | undefined
  readonly #committers: Readonly<Record<ConsistencyLevel, Committer>>
  readonly #leftovers: LeftoverDeletions
  #level: Promise<ConsistencyLevel> | undefined

  /** @throws {InvalidConnectionStringError} The URL cannot be used, or names no database. */
  constructor(options: MongoStoreTarget & MongoReadModelStoreOptions) {
    const budgetMs = options.commitBudgetMs ?? 10_000
    const isShared = 'connection' in options
    const connection = isShared ? options.connection : new MongoConnection(options)
    this.#connection = connection
    this.#isOwner = !isShared
    this.#required = options.require
    this.#checkpoints = new Checkpoints(connection)
    this.#tombstones = new Tombstones(connection)
    this.#leftovers = new LeftoverDeletions(this.#tombstones, connection.logger)
    this.#records = new GenerationRecords(connection)
    const parts = { connection, checkpoints: this.#checkpoints, budgetMs }
    this.#switch = new GenerationSwitch({ ...parts, records: this.#records })
    this.#schema = new CollectionSchema(connection)
    this.#views = options.views ? new StableViews(connection) : undefined
    this.deadLetters = new MongoDeadLetterStore({ connection })
    this.#segments = new SegmentChanges(connection, this.#checkpoints, budgetMs)
    const committing = { ...parts, letters: this.deadLetters }
    this.#committers = {
      'exactly-once': new ExactlyOnceCommitter(committing),
      idempotent: new IdempotentCommitter(committing, this.#tombstones),
    }
  }

  /** @throws {ExactlyOnceUnavailableError} `exactly-once` is required of a standalone server. */
  level(): Promise<ConsistencyLevel> {
    return this.#connection.run('connect', () => this.#knownLevel())
  }

  generations(projection: string): Promise<GenerationRecord | undefined> {
    return this.#connection.run(`read the generations of "${projection}"`, () =>
      this.#records.read(projection),
    )
  }

  saveGenerations(
    record: GenerationRecord,
    expectedRevision: number,
    left?: LeftGeneration,
  ): Promise<void> {
    return this.#connection.run(`save the generations of "${record.projection}"`, async () => {
      const change = { record, expectedRevision }
      if (left) await this.#switch.save(await this.#knownLevel(), { ...change, left })
      else await this.#records.save(record, expectedRevision)
      await this.#views?.follow(record)
    })
  }

  create(
    generation: Generation,
    models: readonly ReadModelDefinition[],
    { indexes }: CreateOptions = {},
  ): Promise<void> {
    return this.#connection.run(`create "${checkpointId(generation)}"`, async () => {
      await this.#schema.create(generation, models, indexes)
      await this.deadLetters.prepare()
      this.#views?.note(generation, models)
      if (this.#views) await this.#views.follow(await this.#records.read(generation.projection))
    })
  }

  drop(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void> {
    const id = checkpointId(generation)
    return this.#connection.run(`drop "${id}"`, async () => {
      // First, so that a runner still at work is refused.
      await this.#checkpoints.remove(generation)
      await this.deadLetters.clear(id)
      await this.#tombstones.forgetAll(id)
      await this.#schema.drop(generation, models)
    })
  }

  /** @throws {SegmentsTornError} Somebody changed the checkpoints by hand. */
  checkpoints(generation: Generation): Promise<readonly Checkpoint[]> {
    return this.#connection.run(`read the checkpoints of "${checkpointId(generation)}"`, () =>
      this.#checkpoints.list(generation),
    )
  }

  takeCheckpoint(generation: Generation, slots: SlotRange = allSlots): Promise<Checkpoint> {
    const id = checkpointId(generation)
    return this.#connection.run(`take checkpoint "${id}"`, async () => {
      const { checkpoint: taken, closedAt } = await this.#checkpoints.take(generation, slots)
      if (closedAt !== undefined) await this.#switch.reopen(generation.projection, taken, closedAt)
      await this.#leftovers.look(generation, taken)
      return taken
    })
  }

  split(generation: Generation, checkpoint: Checkpoint): Promise<void> {
    return this.#connection.run(`split "${checkpoint.id}"`, async () =>
      this.#segments.split(await this.#knownLevel(), generation, checkpoint),
    )
  }

  merge(_generation: Generation, lower: Checkpoint, upper: Checkpoint): Promise<void> {
    return this.#connection.run(`merge "${upper.id}" into "${lower.id}"`, async () =>
      this.#segments.merge(await this.#knownLevel(), lower, upper),
    )
  }

  async load(
    generation: Generation,
    model: ReadModelDefinition,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    const name = collectionName(model, generation)
    return this.#connection.run(`load from "${name}"`, async () => {
      const level = await this.#knownLevel()
      const collection = this.#connection.database.collection<MetaDocument>(name)
      const loaded = await loadDocuments(collection, ids)
      if (level === 'exactly-once' && !this.#leftovers.has(generation)) return loaded
      // A document that is there wins over a deletion: that was cut off before it was done, and is replayed.
      const missing = ids.filter((id) => !loaded.has(id))
      for (const [id, position] of await this.#tombstones.positions(name, missing)) {
        loaded.set(id, { document: undefined, position, events: 0 })
      }
      return loaded
    })
  }

  list(
    generation: Generation,
    model: ReadModelDefinition,
    after: string | undefined,
    limit: number,
  ): Promise<readonly ReadModelDocument[]> {
    const name = collectionName(model, generation)
    return this.#connection.run(`list "${name}"`, () =>
      listDocuments(this.#connection.database.collection<MetaDocument>(name), after, limit),
    )
  }

  listVersions(
    generation: Generation,
    model: ReadModelDefinition,
    after: VersionKey | undefined,
    limit: number,
  ): Promise<readonly StoredVersion[]> {
    const name = historyOf(collectionName(model, generation))
    return this.#connection.run(`list "${name}"`, () =>
      listVersions(this.#connection.database.collection<HistoryVersion>(name), after, limit),
    )
  }

  loadVersions(
    generation: Generation,
    model: ReadModelDefinition,
    keys: readonly VersionKey[],
  ): Promise<readonly StoredVersion[]> {
    const name = historyOf(collectionName(model, generation))
    return this.#connection.run(`load from "${name}"`, () =>
      loadVersions(this.#connection.database.collection<HistoryVersion>(name), keys),
    )
  }

  async commit(commit: ReadModelCommit): Promise<Checkpoint> {
    return this.#connection.run(`commit to "${commit.from.id}"`, async () => {
      const level = await this.#knownLevel()
      // With nothing to write, moving the checkpoint is one atomic update by itself.
      const committer = this.#committers[movesOnly(commit) ? 'idempotent' : level]
      const moved = await committer.commit(commit)
      await this.#leftovers.forgetPassed(commit, level)
      return moved
    })
  }

  /** @throws {ReadModelWithoutHistoryError} A past view of a model without history. */
  view<D extends ReadModelDocument>(
    generation: Generation,
    model: ReadModelDefinition<D>,
    at?: ViewPoint,
  ): ReadModelView<D> {
    const collection = collectionName(model, generation)
    if (at === undefined) return new LiveReadModelView<D>(this.#connection, collection)
    if (!model.history) throw new ReadModelWithoutHistoryError(model.name)
    const history = historyOf(collection)
    return new PastReadModelView<D>(this.#connection, { model: model.name, history, at })
  }

  reaches(generation: Generation, model: ReadModelDefinition, at: ViewPoint): Promise<boolean> {
    const name = historyOf(collectionName(model, generation))
    return this.#connection.run(`look for the past in "${name}"`, () =>
      reachesBack(this.#connection.database.collection<HistoryVersion>(name), model, at),
    )
  }

  /** Waits for what is under way and frees the connection, where it is this store's own. */
  async close(): Promise<void> {
    await (this.#isOwner ? this.#connection.close() : this.#connection.drain())
  }

  #knownLevel(): Promise<ConsistencyLevel> {
    this.#level ??= this.#detectLevel().catch((error: unknown) => {
      this.#level = undefined
      throw error
    })
    return this.#level
  }

  async #detectLevel(): Promise<ConsistencyLevel> {
    const hello = await this.#connection.hello()
    return settleLevel(levelOf(hello), this.#required, this.#connection.address)
  }
}
