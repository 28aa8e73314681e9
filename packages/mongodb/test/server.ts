import type { ConsistencyLevel } from '@varve/core'
import { randomBytes } from 'node:crypto'
import { startMongoDBServer } from '../../local/src/mongodb/start-mongodb-server.ts'
import { LocalStorage } from '../../local/src/storage/local-storage.ts'

/** A MongoDB server for the tests of one file. */
export interface TestServer {
  readonly host: string
  readonly port: number
  readonly isStandalone: boolean
  /** Connection string of a database. */
  urlOf(database: string): string
  /** Connection string of a database nobody used before. */
  freshUrl(): string
  stop(): Promise<void>
}

/**
 * Starts a development server that offers exactly one level, or uses the one that `VARVE_MONGODB_URL` names;
 * that should be a replica set: level `idempotent` is then tested on it by leaving transactions out.
 */
export async function startServer(level: ConsistencyLevel): Promise<TestServer> {
  const external = process.env['VARVE_MONGODB_URL']
  if (external !== undefined) return externalServer(new URL(external))
  const storage = LocalStorage.open(':memory:')
  const topology = level === 'exactly-once' ? 'replica-set' : 'standalone'
  const server = await startMongoDBServer(storage, { port: 0, topology })
  return {
    ...addressed(new URL(server.url)),
    isStandalone: topology === 'standalone',
    stop: async () => {
      await server.close()
      storage.close()
    },
  }
}

function externalServer(url: URL): TestServer {
  return { ...addressed(url), isStandalone: false, stop: () => Promise.resolve() }
}

function addressed(url: URL): Pick<TestServer, 'host' | 'port' | 'urlOf' | 'freshUrl'> {
  const urlOf = (database: string): string => {
    const named = new URL(url)
    named.pathname = `/${database}`
    return named.href
  }
  return {
    host: url.hostname,
    port: Number(url.port || 27017),
    urlOf,
    freshUrl: () => urlOf(`varve_test_${randomBytes(6).toString('hex')}`),
  }
}
