import type { BulkWriteOptions } from 'mongodb'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { type HistoryVersion, historyOf } from './history-collection.ts'
import type { HistoryOperation } from './history-operations.ts'
import { writeOptions } from '../commit/bson-options.ts'

/** Sends operations on the versions of a collection, in order. */
export async function writeVersions(
  connection: MongoConnection,
  collection: string,
  versions: HistoryOperation[],
  options: BulkWriteOptions,
): Promise<void> {
  if (versions.length === 0) return
  const history = connection.database.collection<HistoryVersion>(historyOf(collection))
  await history.bulkWrite(versions, { ...writeOptions, ...options, ordered: true })
}
