import { type Checkpoint, checkpointId, type Generation } from '@varve/core'
import type { ClientSession, Collection, Document } from 'mongodb'
import { exactTypes } from '../commit/bson-options.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'

/** Name of the collection with one checkpoint per generation. */
export const checkpointCollection = 'varve_checkpoints'

/** The checkpoints: `{ _id, position: int64 | null, epoch: int64, updatedAt }`. */
export class Checkpoints {
  readonly #collection: Collection<Document & { _id: string }>

  constructor(connection: MongoConnection) {
    this.#collection = connection.collection(checkpointCollection) as unknown as Collection<
      Document & { _id: string }
    >
  }

  /** Returns a checkpoint as a majority of the members has it. */
  async read(id: string): Promise<Checkpoint | undefined> {
    const found = await this.#collection.findOne(
      { _id: id },
      { ...exactTypes, readConcern: { level: 'majority' } },
    )
    return found ? fromStored(id, found) : undefined
  }

  /** Raises the epoch and returns the checkpoint; creates it where there was none. */
  async take(generation: Generation): Promise<Checkpoint> {
    const _id = checkpointId(generation)
    for (let attempt = 1; ; attempt++) {
      try {
        const found = await this.#collection.findOneAndUpdate(
          { _id },
          {
            $inc: { epoch: 1n },
            $setOnInsert: { position: null },
            $currentDate: { updatedAt: true },
          },
          { ...exactTypes, upsert: true, returnDocument: 'after' },
        )
        return fromStored(_id, found ?? {})
      } catch (error) {
        // Two runners may both try to insert the first one; the second then finds it.
        if (!isDuplicateKey(error) || attempt === 3) throw error
      }
    }
  }

  /**
   * Moves a checkpoint, if it is still where `from` says and of the same epoch.
   *
   * @returns Whether it was.
   */
  async advance(from: Checkpoint, position: bigint, session?: ClientSession): Promise<boolean> {
    const { matchedCount } = await this.#collection.updateOne(
      { _id: from.id, epoch: from.epoch, position: from.position ?? null },
      { $set: { position, updatedAt: new Date() } },
      session && { session },
    )
    return matchedCount === 1
  }

  async remove(id: string): Promise<void> {
    await this.#collection.deleteOne({ _id: id })
  }
}

function fromStored(id: string, stored: Document): Checkpoint {
  const position: unknown = stored['position']
  return {
    id,
    position: typeof position === 'bigint' ? position : undefined,
    epoch: BigInt(stored['epoch'] as bigint | number),
  }
}
