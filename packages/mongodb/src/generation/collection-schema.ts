import type { CreateOptions, Generation, ReadModelDefinition } from '@varve/core'
import { collectionName } from '@varve/core'
import type { IndexDescription } from 'mongodb'
import { checkpointCollection } from '../checkpoint/checkpoints.ts'
import { tombstoneCollection } from '../commit/tombstones.ts'
import { uniqueIndexViolation } from '../commit/unique-index-violation.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { historyOf } from '../history/history-collection.ts'
import { historyIndexes } from '../history/history-indexes.ts'
import { hasCode, isDuplicateKey, serverCode } from '../mongodb-errors.ts'
import { generationCollection } from './generation-records.ts'
import { type IndexPlan, type ListedIndex, planIndexes, toDescription } from './index-plan.ts'

interface WantedIndexes {
  readonly declared: readonly IndexDescription[]
  readonly isWanted: (index: IndexDescription) => boolean
}

const everyIndex = (): boolean => true

/** One that refuses documents must do so at the document that is to blame. */
const isNeededInBulk = ({ unique }: IndexDescription): boolean => unique === true

/** Those that queries of the past begin with can wait; the others find the versions to end, or to remove. */
const isNeededForVersions = ({ key }: IndexDescription): boolean =>
  !Object.keys(key).some((path) => path.startsWith('doc.') || path.startsWith('cell'))

/**
 * Creates and drops what generations need. Explicit, and before any transaction: a transaction that meets a
 * collection being created is aborted.
 */
export class CollectionSchema {
  readonly #connection: MongoConnection
  #isPrepared = false

  constructor(connection: MongoConnection) {
    this.#connection = connection
  }

  async create(
    generation: Generation,
    models: readonly ReadModelDefinition[],
    indexes: CreateOptions['indexes'] = 'all',
  ): Promise<void> {
    await this.#prepare()
    const isWanted = indexes === 'all' ? everyIndex : isNeededInBulk
    for (const model of models) {
      const collection = collectionName(model, generation)
      await this.#createCollection(collection)
      await this.#createIndexes(model, collection, {
        declared: model.indexes.map(toDescription),
        isWanted,
      })
      if (!model.history) continue
      await this.#createCollection(historyOf(collection))
      await this.#createIndexes(model, historyOf(collection), {
        declared: historyIndexes(model),
        isWanted: indexes === 'all' ? everyIndex : isNeededForVersions,
      })
    }
  }

  /** Drops the documents and versions of a generation; a model may have had a history once. */
  async drop(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void> {
    for (const model of models) {
      const collection = collectionName(model, generation)
      await this.#connection.database.dropCollection(collection)
      await this.#connection.database.dropCollection(historyOf(collection))
    }
  }

  async #prepare(): Promise<void> {
    if (this.#isPrepared) return
    for (const name of [generationCollection, checkpointCollection, tombstoneCollection]) {
      await this.#createCollection(name)
    }
    await this.#connection
      .collection(tombstoneCollection)
      .createIndexes([{ key: { generation: 1, slot: 1, position: 1 } }])
    this.#isPrepared = true
  }

  async #createCollection(name: string): Promise<void> {
    try {
      await this.#connection.database.createCollection(name)
    } catch (error) {
      if (!hasCode(error, serverCode.namespaceExists)) throw error
    }
  }

  async #createIndexes(
    model: ReadModelDefinition,
    name: string,
    { declared, isWanted }: WantedIndexes,
  ): Promise<void> {
    const collection = this.#connection.collection(name)
    const existing = (await collection.listIndexes().toArray()) as ListedIndex[]
    const plan = planIndexes(declared, existing)
    this.#report(model, name, plan)
    const missing = plan.missing.filter(isWanted)
    if (missing.length === 0) return
    try {
      await collection.createIndexes(missing)
    } catch (error) {
      if (isDuplicateKey(error)) throw uniqueIndexViolation(model.name, error)
      throw error
    }
  }

  #report(
    model: ReadModelDefinition,
    collection: string,
    { changed, undeclared }: IndexPlan,
  ): void {
    const { logger } = this.#connection
    for (const { declared, found } of changed) {
      logger.warn(
        `An index of read model "${model.name}" is declared otherwise than it is; it stays as it is. Raise the version of the projection to rebuild the model with the new index, or drop the index by hand and start again.`,
        { model: model.name, collection, declared, found },
      )
    }
    for (const found of undeclared) {
      logger.warn(
        `Read model "${model.name}" has an index that is not declared any more; it stays, and costs time with every write. Raise the version of the projection to rebuild the model without it, drop it by hand, or declare it.`,
        { model: model.name, collection, found },
      )
    }
  }
}
