import { LocalStorage } from '../../../local/src/storage/local-storage.ts'
import { startEventStoreDBServer } from '../../../local/src/eventstoredb/eventstoredb-server.ts'

/** A server to test against. */
export interface TestServer {
  readonly url: string
  readonly port: number
  /** Drops every connection and stops listening; the data stays. */
  stop(): Promise<void>
  /** Listens again on the same port, with the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** The server named by VARVE_EVENTSTOREDB_URL, which cannot be stopped; undefined where none is named. */
const namedServer = process.env['VARVE_EVENTSTOREDB_URL']

/** Starts the development server on a free port, in memory. */
export async function startServer(): Promise<TestServer> {
  const storage = LocalStorage.open(':memory:')
  let server = await startEventStoreDBServer(storage)
  const { port, url } = server
  return {
    url,
    port,
    stop: () => server.close(),
    restart: async () => {
      server = await startEventStoreDBServer(storage, { port })
    },
    close: async () => {
      await server.close()
      storage.close()
    },
  }
}

/** Uses the named server, or starts one of its own. */
export async function useServer(): Promise<Pick<TestServer, 'url' | 'close'>> {
  return namedServer === undefined
    ? startServer()
    : { url: namedServer, close: () => Promise.resolve() }
}
