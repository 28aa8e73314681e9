import type { DocumentWrite } from '@varve/core'
import type { Collection } from 'mongodb'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { exactTypes } from './bson-options.ts'

/** Name of the collection that remembers deletions the checkpoint is not past yet. */
export const tombstoneCollection = 'varve_tombstones'

interface Tombstone {
  readonly _id: { readonly collection: string; readonly id: string }
  readonly checkpoint: string
  /** Position of the event that deleted the document. */
  readonly position: bigint
}

/**
 * Remembers deleted documents, away from the read models so that no query sees them: without that, a replay of
 * the tail would fold onto nothing what was folded onto the document before it was deleted.
 */
export class Tombstones {
  readonly #collection: Collection<Tombstone>

  constructor(connection: MongoConnection) {
    this.#collection = connection.collection(
      tombstoneCollection,
    ) as unknown as Collection<Tombstone>
  }

  /** Remembers the deletions among writes. */
  async record(
    checkpoint: string,
    collection: string,
    writes: readonly DocumentWrite[],
  ): Promise<void> {
    const operations = writes
      // What came and went within the batch leaves nothing a replay could meet.
      .filter(({ document, previous }) => document === undefined && previous !== undefined)
      .map(({ id, position }) => ({
        updateOne: {
          filter: { _id: { collection, id } },
          update: { $max: { position }, $set: { checkpoint } },
          upsert: true,
        },
      }))
    if (operations.length > 0) await this.#collection.bulkWrite(operations, { ordered: false })
  }

  /** Returns the positions of the deletions remembered of some documents. */
  async positions(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, bigint>> {
    if (ids.length === 0) return new Map()
    const found = await this.#collection
      .find({ _id: { $in: ids.map((id) => ({ collection, id })) } }, exactTypes)
      .toArray()
    return new Map(found.map(({ _id, position }) => [_id.id, position]))
  }

  /** Tells whether a generation has any. */
  async exist(checkpoint: string): Promise<boolean> {
    return (await this.#collection.findOne({ checkpoint })) !== null
  }

  /** Forgets what a checkpoint is past. */
  async forget(checkpoint: string, upTo: bigint): Promise<void> {
    await this.#collection.deleteMany({ checkpoint, position: { $lte: upTo } })
  }

  async forgetAll(checkpoint: string): Promise<void> {
    await this.#collection.deleteMany({ checkpoint })
  }
}
