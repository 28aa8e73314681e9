import { type DocumentWrite, slotOf, type SlotRange } from '@varve/core'
import type { Collection } from 'mongodb'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { exactTypes } from './bson-options.ts'

/** Name of the collection that remembers deletions the checkpoint is not past yet. */
export const tombstoneCollection = 'varve_tombstones'

interface Tombstone {
  readonly _id: { readonly collection: string; readonly id: string }
  readonly generation: string
  /** Of the document: segments are split and merged while deletions are remembered. */
  readonly slot: number
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
    generation: string,
    collection: string,
    writes: readonly DocumentWrite[],
  ): Promise<void> {
    const operations = writes
      // What came and went within the batch leaves nothing a replay could meet.
      .filter(({ document, previous }) => document === undefined && previous !== undefined)
      .map(({ id, position }) => ({
        updateOne: {
          filter: { _id: { collection, id } },
          update: { $max: { position }, $set: { generation, slot: slotOf(id) } },
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

  /** Tells whether a segment of a generation has any. */
  async exist(generation: string, slots: SlotRange): Promise<boolean> {
    return (await this.#collection.findOne({ generation, slot: within(slots) })) !== null
  }

  /** Forgets what a segment's checkpoint is past. */
  async forget(generation: string, slots: SlotRange, upTo: bigint): Promise<void> {
    const position = { $lte: upTo }
    await this.#collection.deleteMany({ generation, slot: within(slots), position })
  }

  async forgetAll(generation: string): Promise<void> {
    await this.#collection.deleteMany({ generation })
  }
}

function within({ first, last }: SlotRange): { readonly $gte: number; readonly $lte: number } {
  return { $gte: first, $lte: last }
}
