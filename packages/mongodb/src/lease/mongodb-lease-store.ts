import type { Lease, LeaseStore } from '@varve/core'
import type { Collection, Document } from 'mongodb'
import { exactTypes } from '../commit/bson-options.ts'
import {
  MongoConnection,
  type MongoConnectionOptions,
  type MongoTarget,
} from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'

/** Name of the collection with one document per lease. */
const leaseCollection = 'varve_leases'

interface StoredLease {
  readonly _id: string
  readonly owner: string
  readonly epoch: bigint
  readonly expiresAt: Date
}

const keptSeconds = 7 * 24 * 3_600

const isFree = { $lte: [{ $ifNull: ['$expiresAt', new Date(0)] }, '$$NOW'] }

/**
 * Leases in MongoDB: `{ _id, owner, epoch: int64, expiresAt }`. Each change is one atomic update that reads the
 * server's clock, so the clocks of the owners do not matter.
 *
 * A lease that ran out or was given back is kept for a week for its epoch, which grows at each new start.
 */
export class MongoLeaseStore implements LeaseStore {
  readonly #connection: MongoConnection
  readonly #isOwner: boolean
  readonly #collection: Collection<StoredLease>
  #preparing: Promise<unknown> | undefined

  /** @throws {InvalidConnectionStringError} The URL cannot be used, or names no database. */
  constructor(
    options: (MongoTarget & MongoConnectionOptions) | { readonly connection: MongoConnection },
  ) {
    this.#isOwner = !('connection' in options)
    this.#connection = 'connection' in options ? options.connection : new MongoConnection(options)
    this.#collection = this.#connection.collection(
      leaseCollection,
    ) as unknown as Collection<StoredLease>
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    const stored = await this.#connection.run(`acquire lease "${name}"`, async () => {
      await this.#prepare()
      return this.#update(name, acquisition(owner, ttlMs))
    })
    return stored?.owner === owner ? { name, owner, epoch: stored.epoch } : undefined
  }

  async renew({ name, owner, epoch }: Lease, ttlMs: number): Promise<boolean> {
    const update = [{ $set: { expiresAt: { $add: ['$$NOW', ttlMs] } } }]
    const { matchedCount } = await this.#connection.run(`renew lease "${name}"`, () =>
      this.#collection.updateOne(
        { _id: name, owner, epoch, $expr: { $gt: ['$expiresAt', '$$NOW'] } },
        update,
      ),
    )
    return matchedCount === 1
  }

  async held(prefix: string): Promise<readonly Lease[]> {
    const names = { $regex: `^${prefix.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}` }
    const stored = await this.#connection.run(`list leases "${prefix}"`, () =>
      this.#collection
        .find(
          { _id: names, $expr: { $gt: ['$expiresAt', '$$NOW'] } },
          { ...exactTypes, sort: { _id: 1 } },
        )
        .toArray(),
    )
    return stored.map(({ _id, owner, epoch }) => ({ name: _id, owner, epoch }))
  }

  async release({ name, owner, epoch }: Lease): Promise<void> {
    await this.#connection.run(`release lease "${name}"`, () =>
      this.#collection.updateOne(
        { _id: name, owner, epoch, $expr: { $gt: ['$expiresAt', '$$NOW'] } },
        [{ $set: { expiresAt: '$$NOW' } }],
      ),
    )
  }

  /** Waits for calls under way and frees the connection, where it is this store's own. */
  async close(): Promise<void> {
    await (this.#isOwner ? this.#connection.close() : this.#connection.drain())
  }

  /** Has the server forget leases that nobody took for long: each process has names of its own. */
  async #prepare(): Promise<void> {
    this.#preparing ??= this.#collection.createIndexes([
      { key: { expiresAt: 1 }, expireAfterSeconds: keptSeconds },
    ])
    try {
      await this.#preparing
    } catch (error) {
      this.#preparing = undefined
      throw error
    }
  }

  async #update(name: string, update: Document[]): Promise<StoredLease | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#collection.findOneAndUpdate({ _id: name }, update, {
          ...exactTypes,
          upsert: true,
          returnDocument: 'after',
        })
      } catch (error) {
        // Two owners may both try to insert the first lease of a name; the second then finds it.
        if (!isDuplicateKey(error) || attempt === 3) throw error
      }
    }
  }
}

/** Takes a lease that is free, extends one that is the owner's, and leaves any other as it is. */
function acquisition(owner: string, ttlMs: number): Document[] {
  const me = { $literal: owner }
  const isMine = { $eq: ['$owner', me] }
  const mayTake = { $or: [isFree, isMine] }
  const nextEpoch = { $add: [{ $ifNull: ['$epoch', 0n] }, 1n] }
  return [
    {
      $set: {
        owner: { $cond: [mayTake, me, '$owner'] },
        epoch: { $cond: [isFree, nextEpoch, '$epoch'] },
        expiresAt: { $cond: [mayTake, { $add: ['$$NOW', ttlMs] }, '$expiresAt'] },
      },
    },
  ]
}
