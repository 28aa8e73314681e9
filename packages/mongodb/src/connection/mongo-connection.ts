import { type Logger, silentLogger } from '@varve/core'
import {
  type Collection,
  type Db,
  type Document,
  MongoClient,
  type MongoClientOptions,
} from 'mongodb'
import { isUnavailable, toReadModelError } from '../mongodb-errors.ts'
import { databaseOf, refusedByDriver, setsOption, withoutCredentials } from './connection-string.ts'
import { ReadModelStoreClosedError } from './read-model-store-errors.ts'

/** Where the read models are: a connection string, or a client that somebody else opened and closes. */
export type MongoTarget =
  | {
      /** `mongodb://host:port/database`; the path names the database. Options in it win over the defaults here. */
      readonly url: string
    }
  | { readonly client: MongoClient; readonly database: string }

/** Options of {@link MongoConnection} besides where to connect. */
export interface MongoConnectionOptions {
  /** Default: says nothing. */
  readonly logger?: Logger
  /** How often the first contact is tried before it fails, 3 s each. Default 3. */
  readonly connectAttempts?: number
}

/** One client and one database, shared by the stores on them. Connects at the first call. */
export class MongoConnection {
  readonly client: MongoClient
  readonly database: Db
  /** Address of the server, without credentials. */
  readonly address: string
  readonly logger: Logger
  readonly #isOwner: boolean
  readonly #connectAttempts: number
  readonly #running = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  /** @throws {InvalidConnectionStringError} The URL cannot be used, or names no database. */
  constructor(target: MongoTarget & MongoConnectionOptions) {
    this.logger = target.logger ?? silentLogger
    this.#connectAttempts = target.connectAttempts ?? 3
    this.#isOwner = 'url' in target
    if ('url' in target) {
      this.database = openClient(target.url).db(databaseOf(target.url))
      this.address = withoutCredentials(target.url)
    } else {
      const { hosts, srvHost } = target.client.options
      this.database = target.client.db(target.database)
      this.address = `mongodb://${srvHost ?? hosts.join(',')}/${target.database}`
    }
    this.client = this.database.client
  }

  /** A collection of Varve's own: written to a majority, read from the primary. */
  collection(name: string): Collection {
    return this.database.collection(name, {
      writeConcern: { w: 'majority', wtimeoutMS: 10_000 },
      readPreference: 'primary',
    })
  }

  /**
   * Runs an operation, and names its failure; {@link close} waits for it.
   *
   * @throws {ReadModelStoreClosedError} The connection was closed before.
   * @throws {ReadModelStoreUnavailableError} The server did not answer.
   */
  async run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    if (this.#closing) throw new ReadModelStoreClosedError(operation)
    const running = work()
    this.#running.add(running)
    try {
      return await running
    } catch (error) {
      throw toReadModelError(error, { address: this.address, operation })
    } finally {
      this.#running.delete(running)
    }
  }

  /** Asks the server what it is; tries again while it does not answer. To be called inside {@link run}. */
  async hello(): Promise<Document> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.database.command({ hello: 1 })
      } catch (error) {
        const isLast = attempt >= this.#connectAttempts || this.#closing !== undefined
        if (isLast || !isUnavailable(error)) throw error
        this.logger.warn('MongoDB does not answer yet; trying again.', {
          address: this.address,
          attempt,
          attempts: this.#connectAttempts,
        })
      }
    }
  }

  /** Waits for what is running, then closes the client where it was opened here. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Waits for what is running. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  async #close(): Promise<void> {
    await this.drain()
    if (this.#isOwner) await this.client.close()
  }
}

function openClient(url: string): MongoClient {
  databaseOf(url)
  const defaults: MongoClientOptions = {
    appName: 'varve',
    serverSelectionTimeoutMS: 3_000,
    connectTimeoutMS: 5_000,
  }
  const own = Object.entries(defaults).filter(([option]) => !setsOption(url, option))
  try {
    return new MongoClient(url, Object.fromEntries(own))
  } catch (cause) {
    throw refusedByDriver(url, cause)
  }
}
