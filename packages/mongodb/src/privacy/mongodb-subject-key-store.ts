import { randomBytes } from 'node:crypto'
import type { SubjectKey, SubjectKeyStore } from '@varve/core'
import { Binary, type Collection } from 'mongodb'
import {
  MongoConnection,
  type MongoConnectionOptions,
  type MongoTarget,
} from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'

/** Name of the collection with one document per subject. */
const keysCollection = 'varve_subject_keys'

const keyBytes = 32

interface StoredKey {
  readonly _id: string
  /** Absent: forgotten. */
  readonly key?: Binary
  readonly createdAt?: Date
  readonly forgottenAt?: Date
}

/**
 * Keys of subjects in MongoDB: `{ _id, key, createdAt }`, and `{ _id, forgottenAt }` once forgotten. Written and
 * read with majority, so that a failover brings no forgotten key back. Keep its backups for a shorter time than those
 * of the log.
 */
export class MongoSubjectKeyStore implements SubjectKeyStore {
  readonly #connection: MongoConnection
  readonly #isOwner: boolean
  readonly #collection: Collection<StoredKey>

  /** @throws {InvalidConnectionStringError} The URL cannot be used, or names no database. */
  constructor(
    options: (MongoTarget & MongoConnectionOptions) | { readonly connection: MongoConnection },
  ) {
    this.#isOwner = !('connection' in options)
    this.#connection = 'connection' in options ? options.connection : new MongoConnection(options)
    this.#collection = this.#connection.collection(
      keysCollection,
    ) as unknown as Collection<StoredKey>
  }

  async find(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    if (subjects.length === 0) return new Map()
    const found = await this.#connection.run('find the keys of subjects', () =>
      this.#collection
        .find({ _id: { $in: [...subjects] } }, { readConcern: { level: 'majority' } })
        .toArray(),
    )
    return new Map(found.map((stored) => [stored._id, keyIn(stored)]))
  }

  async obtain(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const found = new Map(await this.find(subjects))
    for (const subject of new Set(subjects)) {
      if (found.has(subject)) continue
      found.set(
        subject,
        await this.#connection.run('make the key of a subject', () => this.#make(subject)),
      )
    }
    return found
  }

  async forget(subject: string): Promise<boolean> {
    return this.#connection.run('forget a subject', () =>
      retryingDuplicates(async () => {
        const before = await this.#collection.findOneAndUpdate(
          { _id: subject },
          [{ $replaceWith: { _id: '$_id', forgottenAt: { $ifNull: ['$forgottenAt', '$$NOW'] } } }],
          { upsert: true, returnDocument: 'before', writeConcern: { w: 'majority' } },
        )
        return before?.key !== undefined
      }),
    )
  }

  /** Waits for calls under way and frees the connection, where it is this store's own. */
  async close(): Promise<void> {
    await (this.#isOwner ? this.#connection.close() : this.#connection.drain())
  }

  /** Returns the key that is there by then, whoever made it. */
  #make(subject: string): Promise<SubjectKey> {
    return retryingDuplicates(async () => {
      const made = { key: new Binary(randomBytes(keyBytes)), createdAt: new Date() }
      const stored = await this.#collection.findOneAndUpdate(
        { _id: subject },
        { $setOnInsert: made },
        { upsert: true, returnDocument: 'after', writeConcern: { w: 'majority' } },
      )
      return stored ? keyIn(stored) : 'forgotten'
    })
  }
}

function keyIn({ key }: StoredKey): SubjectKey {
  return key ? new Uint8Array(key.buffer.subarray(0, key.length())) : 'forgotten'
}

/** Two upserts of one id at the same time: the second finds what the first has made. */
async function retryingDuplicates<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work()
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === 5) throw error
    }
}
