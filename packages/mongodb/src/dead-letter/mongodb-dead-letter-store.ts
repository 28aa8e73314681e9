import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterId,
  DeadLetterQueue,
  DeadLetterSearch,
  DeadLetterStore,
} from '@varve/core'
import type { ClientSession, Collection, Document, Filter } from 'mongodb'
import { exactTypes, writeOptions } from '../commit/bson-options.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { fromStored, letterId, type StoredLetter, toStored } from './stored-letter.ts'

/** Name of the collection of dead letters. */
export const deadLetterCollection = 'varve_dead_letters'

/** Indexes of that collection. */
export const deadLetterIndexes = [{ key: { consumer: 1, model: 1, key: 1, position: 1 } }]

const pageSize = 100
const isOpen = { state: { $nin: ['discarded', 'settled'] } } as const
/** What was given up and settled leaves its id, so that no late write of its batch brings it back. */
const isThere = { state: { $ne: 'settled' } } as const

/** Dead letters in MongoDB, one document each; due times are of the clock of whoever sets them. */
export class MongoDeadLetterStore implements DeadLetterStore {
  readonly #connection: MongoConnection
  readonly #collection: Collection<StoredLetter>
  #preparing: Promise<unknown> | undefined

  /** @param options.connection It is left open. */
  constructor({ connection }: { readonly connection: MongoConnection }) {
    this.#connection = connection
    this.#collection = connection.collection(
      deadLetterCollection,
    ) as unknown as Collection<StoredLetter>
  }

  async *list({ stream, ...filter }: DeadLetterSearch): AsyncIterable<readonly DeadLetter[]> {
    const ofStream = stream === undefined ? {} : { 'event.stream': stream }
    const cursor = this.#collection.find(
      { ...matching(filter), ...isOpen, ...ofStream },
      { ...exactTypes, sort: inOrder, batchSize: pageSize },
    )
    try {
      for (;;) {
        const more = await this.#run('list', () => cursor.hasNext())
        if (!more) return
        yield cursor.readBufferedDocuments().map(fromStored)
      }
    } finally {
      await cursor.close()
    }
  }

  count(filter: DeadLetterFilter): Promise<number> {
    return this.#run('count', () =>
      this.#collection.countDocuments({ ...matching(filter), ...isOpen }),
    )
  }

  heads(filter: DeadLetterFilter): Promise<readonly DeadLetter[]> {
    return this.#run('look for', async () => {
      const heads = await this.#oldestOfEach({ ...matching(filter), ...isThere })
      return heads.map(fromStored)
    })
  }

  queue({ consumer, model, key }: DeadLetterQueue, limit: number): Promise<readonly DeadLetter[]> {
    return this.#run('read', async () => {
      const found = this.#collection.find(
        { consumer, model: model ?? null, key, ...isThere },
        { ...exactTypes, sort: { position: 1 }, limit },
      )
      return (await found.toArray()).map(fromStored)
    })
  }

  put(letters: readonly DeadLetter[]): Promise<void> {
    return this.#run('put', async () => {
      await this.prepare()
      await this.putWithin(letters.map(toStored))
    })
  }

  remove(letters: readonly DeadLetterId[]): Promise<void> {
    return this.#run('remove', async () => {
      if (letters.length > 0) await this.#collection.deleteMany(named(letters))
    })
  }

  retry(filter: DeadLetterFilter): Promise<number> {
    return this.#run('retry', async () => {
      const heads = await this.#oldestOfEach({ ...matching(filter), ...isOpen })
      await this.#makeDue(heads)
      return heads.length
    })
  }

  discard(filter: DeadLetterFilter, position?: bigint): Promise<number> {
    return this.#run('discard', async () => {
      const meant = { ...matching(filter), ...isOpen, ...(position !== undefined && { position }) }
      const queues = await this.#oldestOfEach(meant)
      const { modifiedCount } = await this.#collection.updateMany(meant, {
        $set: { state: 'discarded', dueAt: null },
      })
      for (const { consumer, model, key } of queues) {
        const [next] = await this.#oldestOfEach({ consumer, model, key, ...isOpen })
        if (next?.state === 'waiting') await this.#makeDue([next])
      }
      return modifiedCount
    })
  }

  clear(consumer: string): Promise<void> {
    return this.#run('clear', async () => {
      await this.#collection.deleteMany({ consumer })
    })
  }

  /** Makes the collection and its index; before any transaction that writes it. */
  async prepare(): Promise<void> {
    this.#preparing ??= this.#collection.createIndexes(deadLetterIndexes)
    try {
      await this.#preparing
    } catch (error) {
      this.#preparing = undefined
      throw error
    }
  }

  /** As {@link put}, within a commit. */
  async putWithin(letters: readonly StoredLetter[], session?: ClientSession): Promise<void> {
    if (letters.length === 0) return
    const operations = letters.map((letter) => ({
      updateOne: {
        filter: { _id: letter._id },
        update: [{ $replaceWith: unlessOverruled(letter) }],
        upsert: true,
      },
    }))
    await this.#collection.bulkWrite(operations, {
      ...writeOptions,
      ordered: true,
      ...(session && { session }),
    })
  }

  /** As {@link remove}, within a commit; what was given up is never put again. */
  async settleWithin(letters: readonly DeadLetterId[], session?: ClientSession): Promise<void> {
    if (letters.length === 0) return
    await this.#collection.bulkWrite(
      [
        {
          updateMany: {
            filter: { ...named(letters), state: 'discarded' },
            update: { $set: { state: 'settled' }, $unset: { event: '', cause: '' } },
          },
        },
        { deleteMany: { filter: { ...named(letters), ...isThere } } },
      ],
      { ...writeOptions, ordered: true, ...(session && { session }) },
    )
  }

  async #makeDue(letters: readonly StoredLetter[]): Promise<void> {
    await this.#collection.updateMany(
      { _id: { $in: letters.map(({ _id }) => _id) }, ...isOpen },
      { $set: { state: 'retrying', attempts: 0, dueAt: new Date() }, $inc: { round: 1 } },
    )
  }

  async #oldestOfEach(match: Document): Promise<readonly StoredLetter[]> {
    return this.#collection
      .aggregate<StoredLetter>(
        [
          { $match: match },
          { $sort: inOrder },
          { $group: { _id: { model: '$model', key: '$key' }, oldest: { $first: '$$ROOT' } } },
          { $replaceRoot: { newRoot: '$oldest' } },
          { $sort: inOrder },
        ],
        // The oldest letters alone may be more than a stage may hold in memory.
        { ...exactTypes, allowDiskUse: true },
      )
      .toArray()
  }

  #run<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.#connection.run(`${what} dead letters`, work)
  }
}

const inOrder = { model: 1, key: 1, position: 1 } as const

/** What somebody has said of a letter meanwhile counts more than what a try came to. */
function unlessOverruled(letter: StoredLetter): Document {
  const since = { $ifNull: ['$since', letter.since] }
  const put = { $mergeObjects: [{ $literal: letter }, { since }] }
  const isGivenUp = { $in: ['$state', ['discarded', 'settled']] }
  const isTriedAgain = { $gt: [{ $ifNull: ['$round', 0] }, letter.round ?? 0] }
  return { $cond: [{ $or: [isGivenUp, isTriedAgain] }, '$$ROOT', put] }
}

function named(letters: readonly DeadLetterId[]): { readonly _id: { readonly $in: string[] } } {
  return { _id: { $in: letters.map(({ queue, position }) => letterId(queue, position)) } }
}

function matching({ consumer, model, key, slots }: DeadLetterFilter): Filter<StoredLetter> {
  return {
    consumer,
    ...(model !== undefined && { model }),
    ...(key !== undefined && { key }),
    ...(slots !== undefined && { slot: { $gte: slots.first, $lte: slots.last } }),
  }
}
