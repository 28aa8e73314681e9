import type { HandledEventStore } from '@varve/core'
import type { Collection } from 'mongodb'
import {
  MongoConnection,
  type MongoConnectionOptions,
  type MongoTarget,
} from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'

/** Name of the collection with one document per event a consumer has handled. */
const handledCollection = 'varve_handled_events'

/** A date MongoDB can still write. */
const longestWindowMs = 100 * 365 * 86_400_000

interface HandledEvent {
  readonly _id: { readonly consumer: string; readonly event: string }
  readonly expiresAt: Date
}

/**
 * Ids of handled events in MongoDB: `{ _id: { consumer, event }, expiresAt }`. The server's clock says when one
 * runs out; it is not found from then on, and the server removes it some time later.
 */
export class MongoHandledEventStore implements HandledEventStore {
  readonly #connection: MongoConnection
  readonly #isOwner: boolean
  readonly #collection: Collection<HandledEvent>
  #indexed: Promise<unknown> | undefined

  /** @throws {InvalidConnectionStringError} The URL cannot be used, or names no database. */
  constructor(
    options: (MongoTarget & MongoConnectionOptions) | { readonly connection: MongoConnection },
  ) {
    this.#isOwner = !('connection' in options)
    this.#connection = 'connection' in options ? options.connection : new MongoConnection(options)
    this.#collection = this.#connection.collection(
      handledCollection,
    ) as unknown as Collection<HandledEvent>
  }

  async handled(consumer: string, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (eventIds.length === 0) return new Set()
    const found = await this.#connection.run(`look for events "${consumer}" has handled`, () =>
      this.#collection
        .find(
          {
            _id: { $in: eventIds.map((event) => ({ consumer, event })) },
            $expr: { $gt: ['$expiresAt', '$$NOW'] },
          },
          { projection: { _id: 1 }, readConcern: { level: 'majority' } },
        )
        .toArray(),
    )
    return new Set(found.map(({ _id }) => _id.event))
  }

  async remember(consumer: string, eventId: string, windowMs: number): Promise<void> {
    const ms = Math.min(windowMs, longestWindowMs)
    await this.#connection.run(`remember an event "${consumer}" has handled`, async () => {
      await this.#ensureIndex()
      await this.#upsert({ consumer, event: eventId }, ms)
    })
  }

  /** Waits for calls under way and frees the connection, where it is this store's own. */
  async close(): Promise<void> {
    await (this.#isOwner ? this.#connection.close() : this.#connection.drain())
  }

  async #upsert(_id: HandledEvent['_id'], ms: number): Promise<void> {
    for (let attempt = 1; ; attempt += 1)
      try {
        await this.#collection.updateOne(
          { _id },
          [{ $set: { expiresAt: { $add: ['$$NOW', ms] } } }],
          { upsert: true },
        )
        return
      } catch (error) {
        // Two consumers may both try to insert the id; the second then finds it.
        if (!isDuplicateKey(error) || attempt === 3) throw error
      }
  }

  /** Without the index nothing would be wrong, only never removed; so it is made once, with the first id. */
  async #ensureIndex(): Promise<void> {
    this.#indexed ??= this.#collection.createIndexes([
      { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
    ])
    try {
      await this.#indexed
    } catch (error) {
      this.#indexed = undefined
      throw error
    }
  }
}
