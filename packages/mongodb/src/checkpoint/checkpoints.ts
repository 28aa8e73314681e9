import {
  allSlots,
  type Checkpoint,
  checkpointId,
  type Generation,
  SegmentGoneError,
  SegmentsTornError,
  type SlotRange,
} from '@varve/core'
import type { ClientSession, Collection, Document } from 'mongodb'
import { exactTypes } from '../commit/bson-options.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'
import { areWhole, countingSegments } from './segments.ts'

/** Name of the collection with one checkpoint per segment of a generation. */
export const checkpointCollection = 'varve_checkpoints'

/** How often segments are read that change while they are. */
const maxReads = 10

type StoredCheckpoint = Document & { _id: string }

/** A checkpoint that was taken over. */
export interface TakenCheckpoint {
  readonly checkpoint: Checkpoint
  /** Revision of the generations a switch was about to be saved over, when it closed this one. */
  readonly closedAt: number | undefined
}

/**
 * The checkpoints: `{ _id, generation, first, last, position: int64 | null, epoch: int64, updatedAt }`.
 *
 * That of the first segment has the id of the generation and stays as long as the generation does, so that opening
 * a generation can never make a second one of all slots. Versions without segments wrote it without generation,
 * first and last: then it has all slots.
 */
export class Checkpoints {
  readonly #collection: Collection<StoredCheckpoint>

  constructor(connection: MongoConnection) {
    this.#collection = connection.collection(
      checkpointCollection,
    ) as unknown as Collection<StoredCheckpoint>
  }

  /** Returns a checkpoint as a majority of the members has it. */
  async read(id: string): Promise<Checkpoint | undefined> {
    const found = await this.#collection.findOne(
      { _id: id },
      { ...exactTypes, readConcern: { level: 'majority' } },
    )
    return found ? fromStored(found) : undefined
  }

  /**
   * Returns the segments of a generation that count; none where nobody ever took it.
   *
   * @throws {SegmentsTornError} They do not cover every slot.
   */
  async list(generation: Generation): Promise<readonly Checkpoint[]> {
    for (let read = 1; ; read++) {
      const found = await this.#collection
        .find(segmentsOf(generation), {
          ...exactTypes,
          sort: { first: 1 },
          readConcern: { level: 'majority' },
        })
        .toArray()
      const segments = countingSegments(found.map(fromStored))
      if (found.length === 0 || areWhole(segments)) return segments
      if (read < maxReads) continue
      const ranges = found.map((one) => fromStored(one).slots)
      throw new SegmentsTornError(checkpointId(generation), ranges)
    }
  }

  /**
   * Raises the epoch and returns the checkpoint; opens the generation where it has none.
   *
   * @throws {SegmentGoneError} There is no segment of these slots.
   */
  async take(generation: Generation, slots: SlotRange): Promise<TakenCheckpoint> {
    if (slots.first > 0) await this.#checkCounting(generation, slots)
    const _id = checkpointId(generation, slots)
    const isOpening = slots.first === allSlots.first && slots.last === allSlots.last
    for (let attempt = 1; ; attempt++) {
      try {
        const found = await this.#collection.findOneAndUpdate(
          { _id, last: isOpening ? { $in: [slots.last, null] } : slots.last },
          {
            $inc: { epoch: 1n },
            $set: { generation: checkpointId(generation), ...slots },
            $setOnInsert: { position: null },
            $currentDate: { updatedAt: true },
          },
          { ...exactTypes, upsert: isOpening, returnDocument: 'after' },
        )
        if (!found) throw new SegmentGoneError(checkpointId(generation), slots)
        const closedAt: unknown = found['closedAt']
        return {
          checkpoint: fromStored(found),
          closedAt: closedAt === undefined ? undefined : Number(closedAt),
        }
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        // Two workers may both try to insert the first one; the second then finds it, or finds it split.
        if (attempt === 3) throw new SegmentGoneError(checkpointId(generation), slots)
      }
    }
  }

  /** What a crash left within a larger segment does not count, and must not be worked on. */
  async #checkCounting(generation: Generation, slots: SlotRange): Promise<void> {
    const larger = { first: { $lt: slots.first }, last: { $gte: slots.first } }
    const found = await this.#collection.findOne({ ...segmentsOf(generation), ...larger })
    if (found) throw new SegmentGoneError(checkpointId(generation), slots)
  }

  /**
   * Moves a checkpoint, if it is still where `from` says and of the same epoch.
   *
   * @returns Whether it was.
   */
  async advance(from: Checkpoint, position: bigint, session?: ClientSession): Promise<boolean> {
    const change = { $set: { position, updatedAt: new Date() } }
    return this.#change(from, change, session)
  }

  /** Raises the epoch, if a checkpoint is still where `from` says. Returns whether it was. */
  async leave(from: Checkpoint, session: ClientSession): Promise<boolean> {
    return this.#change(from, { $inc: { epoch: 1n }, $set: { updatedAt: new Date() } }, session)
  }

  /** Raises the epoch as {@link leave} does, and has whoever takes the checkpoint next look at a revision first. */
  async close(from: Checkpoint, closedAt: number): Promise<boolean> {
    return this.#change(from, { $inc: { epoch: 1n }, $set: { closedAt, updatedAt: new Date() } })
  }

  /** Undoes {@link close} for those who take it after this one. */
  async open({ id }: Checkpoint, closedAt: number): Promise<void> {
    await this.#collection.updateOne({ _id: id, closedAt }, { $unset: { closedAt: true } })
  }

  /** Gives a checkpoint other slots and an epoch. Returns whether it was still where `from` says. */
  async resize(
    from: Checkpoint,
    { last, epoch }: { readonly last: number; readonly epoch: bigint },
    session?: ClientSession,
  ): Promise<boolean> {
    return this.#change(from, { $set: { last, epoch, updatedAt: new Date() } }, session)
  }

  /**
   * Puts a checkpoint there.
   *
   * @throws A duplicate key, where there is one of a later epoch. One of this epoch is what an earlier try left.
   */
  async put(
    generation: Generation,
    checkpoint: Checkpoint,
    session?: ClientSession,
  ): Promise<void> {
    const { id, slots, position, epoch } = checkpoint
    await this.#collection.replaceOne(
      { _id: id, epoch: { $lte: epoch } },
      {
        generation: checkpointId(generation),
        ...slots,
        position: position ?? null,
        epoch,
        updatedAt: new Date(),
      },
      { upsert: true, ...(session && { session }) },
    )
  }

  /** Removes a checkpoint, if it is still where `from` says. Returns whether it was. */
  async removeOne(from: Checkpoint, session?: ClientSession): Promise<boolean> {
    const { deletedCount } = await this.#collection.deleteOne(
      whereLeft(from),
      session && { session },
    )
    return deletedCount === 1
  }

  /** Removes a checkpoint that another one has swallowed, whoever took it meanwhile. */
  async removeUpTo(id: string, epoch: bigint): Promise<void> {
    await this.#collection.deleteOne({ _id: id, epoch: { $lte: epoch } })
  }

  /** Removes all checkpoints of a generation. */
  async remove(generation: Generation): Promise<void> {
    await this.#collection.deleteMany(segmentsOf(generation))
  }

  async #change(from: Checkpoint, change: Document, session?: ClientSession): Promise<boolean> {
    const options = session && { session }
    const { matchedCount } = await this.#collection.updateOne(whereLeft(from), change, options)
    return matchedCount === 1
  }
}

function whereLeft({ id, slots, epoch, position }: Checkpoint): Document & { _id: string } {
  return { _id: id, last: slots.last, epoch, position: position ?? null }
}

/** The first segment's id is the generation's; those of the others begin with it and a slash. */
function segmentsOf(generation: Generation): Document {
  const id = checkpointId(generation)
  return { $or: [{ _id: id }, { _id: { $gt: `${id}/`, $lt: `${id}0` }, generation: id }] }
}

function fromStored(stored: StoredCheckpoint): Checkpoint {
  const position: unknown = stored['position']
  return {
    id: stored._id,
    slots: {
      first: Number(stored['first'] ?? allSlots.first),
      last: Number(stored['last'] ?? allSlots.last),
    },
    position: typeof position === 'bigint' ? position : undefined,
    epoch: BigInt(stored['epoch'] as bigint | number),
  }
}
