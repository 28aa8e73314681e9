import type { LocalStorage } from '../storage/local-storage.ts'
import { MongoServer, type Topology } from './server/mongo-server.ts'

/** How to start a development MongoDB server. */
export interface MongoDBServerOptions {
  /** Defaults to any free port. */
  readonly port?: number
  /** Defaults to `127.0.0.1`. */
  readonly host?: string
  /** Defaults to a replica set of one node, named `varve`; transactions need it. */
  readonly topology?: Topology
}

/** A running development MongoDB server. */
export interface MongoDBServer {
  readonly port: number
  /** Connection string without a database. */
  readonly url: string
  /** Cuts all connections and stops; the storage stays open. */
  close(): Promise<void>
}

/**
 * Starts a server for the MongoDB wire protocol over the storage. Never for production.
 *
 * Acknowledged writes are on disk.
 */
export async function startMongoDBServer(
  storage: LocalStorage,
  options: MongoDBServerOptions = {},
): Promise<MongoDBServer> {
  const topology = options.topology ?? 'replica-set'
  const host = options.host ?? '127.0.0.1'
  const server = new MongoServer(storage, topology)
  await server.listen(options.port ?? 0, host)
  const query = topology === 'replica-set' ? '/?replicaSet=varve' : '/'
  return {
    port: server.port,
    url: `mongodb://${host}:${server.port}${query}`,
    close: () => server.close(),
  }
}
