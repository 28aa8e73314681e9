import {
  EventHandlerConflictError,
  type HandlerProgress,
  type HandlerProgressStore,
} from '@varve/core'
import type { Collection, UpdateFilter } from 'mongodb'
import { exactTypes } from '../commit/bson-options.ts'
import {
  MongoConnection,
  type MongoConnectionOptions,
  type MongoTarget,
} from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'

/** Name of the collection with one document per event handler. */
const progressCollection = 'varve_event_handlers'

interface StoredProgress {
  readonly _id: string
  readonly position: bigint | null
  readonly furthest: bigint | null
  readonly epoch: bigint
  readonly moves: number
  readonly isPaused: boolean
  readonly updatedAt: Date
}

const unopened = { position: null, furthest: null, epoch: 0n, moves: 0, isPaused: false } as const

/**
 * The progress of event handlers in MongoDB:
 * `{ _id, position: int64 | null, furthest: int64 | null, epoch: int64, moves, isPaused, updatedAt }`.
 */
export class MongoHandlerProgressStore implements HandlerProgressStore {
  readonly #connection: MongoConnection
  readonly #isOwner: boolean
  readonly #collection: Collection<StoredProgress>

  /** @throws {InvalidConnectionStringError} The URL cannot be used, or names no database. */
  constructor(
    options: (MongoTarget & MongoConnectionOptions) | { readonly connection: MongoConnection },
  ) {
    this.#isOwner = !('connection' in options)
    this.#connection = 'connection' in options ? options.connection : new MongoConnection(options)
    this.#collection = this.#connection.collection(
      progressCollection,
    ) as unknown as Collection<StoredProgress>
  }

  async read(handler: string): Promise<HandlerProgress | undefined> {
    return this.#connection.run(`read the progress of event handler "${handler}"`, () =>
      this.#find(handler),
    )
  }

  async open(handler: string, position: bigint | undefined): Promise<void> {
    const start = { position: position ?? null, furthest: position ?? null }
    await this.#upsert(`open event handler "${handler}"`, handler, {
      $setOnInsert: { ...unopened, ...start, updatedAt: new Date() },
    })
  }

  async take(handler: string): Promise<HandlerProgress> {
    const { epoch: _, ...rest } = unopened
    return this.#upsert(`take event handler "${handler}"`, handler, {
      $inc: { epoch: 1n },
      $setOnInsert: rest,
      $currentDate: { updatedAt: true },
    })
  }

  async advance(from: HandlerProgress, position: bigint): Promise<HandlerProgress> {
    const { handler: _id, epoch } = from
    return this.#connection.run(`advance event handler "${_id}"`, async () => {
      const advanced = await this.#collection.findOneAndUpdate(
        { _id, epoch, position: from.position ?? null },
        {
          $set: { position },
          $max: { furthest: position },
          $currentDate: { updatedAt: true },
        },
        { ...exactTypes, returnDocument: 'after' },
      )
      if (advanced) return fromStored(advanced)
      const found = await this.#find(_id)
      // The first answer was lost, and this is the call again.
      if (found?.epoch === epoch && found.position === position) return found
      throw new EventHandlerConflictError(from, found)
    })
  }

  async move(handler: string, position: bigint | undefined): Promise<HandlerProgress> {
    return this.#upsert(`move event handler "${handler}"`, handler, {
      $set: { position: position ?? null },
      $inc: { epoch: 1n, moves: 1 },
      $setOnInsert: { isPaused: false, ...(position === undefined && { furthest: null }) },
      ...(position !== undefined && { $max: { furthest: position } }),
      $currentDate: { updatedAt: true },
    })
  }

  async setPaused(handler: string, isPaused: boolean): Promise<void> {
    const { isPaused: _, ...rest } = unopened
    await this.#upsert(`pause event handler "${handler}"`, handler, {
      $set: { isPaused },
      $setOnInsert: rest,
      $currentDate: { updatedAt: true },
    })
  }

  /** Waits for calls under way and frees the connection, where it is this store's own. */
  async close(): Promise<void> {
    await (this.#isOwner ? this.#connection.close() : this.#connection.drain())
  }

  async #find(handler: string): Promise<HandlerProgress | undefined> {
    const found = await this.#collection.findOne(
      { _id: handler },
      { ...exactTypes, readConcern: { level: 'majority' } },
    )
    return found ? fromStored(found) : undefined
  }

  #upsert(
    operation: string,
    _id: string,
    update: UpdateFilter<StoredProgress>,
  ): Promise<HandlerProgress> {
    return this.#connection.run(operation, async () => {
      for (let attempt = 1; ; attempt += 1)
        try {
          const found = await this.#collection.findOneAndUpdate({ _id }, update, {
            ...exactTypes,
            upsert: true,
            returnDocument: 'after',
          })
          return fromStored(found as StoredProgress)
        } catch (error) {
          // Two processes may both try to insert the first record; the second then finds it.
          if (!isDuplicateKey(error) || attempt === 3) throw error
        }
    })
  }
}

function fromStored(stored: StoredProgress): HandlerProgress {
  const { _id, position, furthest, epoch, moves, isPaused } = stored
  return {
    handler: _id,
    position: position ?? undefined,
    furthest: furthest ?? undefined,
    epoch,
    moves,
    isPaused,
  }
}
