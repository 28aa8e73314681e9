import {
  collectionName,
  type ReadModelChangeListener,
  type ReadModelChanges,
  type ReadModelWatch,
  type WatchedReadModel,
} from '@varve/core'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { levelOf } from '../connection/server-level.ts'
import { isUnavailable } from '../mongodb-errors.ts'
import { ChangeStreamWatch } from './change-stream-watch.ts'
import { watchOperation } from './open-stream.ts'

/**
 * Tells what is committed to read models in MongoDB: by one change stream for each watch, which holds one connection
 * of the pool. A standalone server has no change streams and cannot tell.
 */
export class MongoReadModelChanges implements ReadModelChanges {
  readonly #connection: MongoConnection

  constructor({ connection }: { readonly connection: MongoConnection }) {
    this.#connection = connection
  }

  async watch(
    models: readonly WatchedReadModel[],
    listener: ReadModelChangeListener,
  ): Promise<ReadModelWatch | undefined> {
    const connection = this.#connection
    const hello = await connection.run(watchOperation, () => connection.hello())
    // What has transactions has an oplog to follow, too.
    if (levelOf(hello) !== 'exactly-once') return undefined
    return ChangeStreamWatch.open({
      connection,
      collections: new Set(
        models.map(({ model, generation }) => collectionName(model, generation)),
      ),
      projections: new Set(models.map(({ generation }) => generation.projection)),
      listener,
    })
  }

  isUnavailable(error: unknown): boolean {
    return isUnavailable(error)
  }
}
