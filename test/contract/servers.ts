import {
  type EventStoreDBServer,
  startEventStoreDBServer,
} from '../../packages/local/src/eventstoredb/eventstoredb-server.ts'
import { startMongoDBServer } from '../../packages/local/src/mongodb/start-mongodb-server.ts'
import { LocalStorage } from '../../packages/local/src/storage/local-storage.ts'

/** A server the adapters connect to. */
export interface RunningServer {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Which adapters to run, of `ADAPTERS=memory,eventstoredb,mongodb`. Default: all. */
export function isSelected(adapter: string): boolean {
  const selected = process.env['ADAPTERS']
  return !selected || selected.split(',').includes(adapter)
}

/** The server `VARVE_EVENTSTOREDB_URL` names, or else a local one in memory. */
export async function eventStoreDB(): Promise<RunningServer> {
  const url = process.env['VARVE_EVENTSTOREDB_URL']
  if (url) return used('EventStoreDB', url)
  const storage = LocalStorage.open(':memory:')
  const server: EventStoreDBServer = await startEventStoreDBServer(storage)
  return used('the local EventStoreDB server', server.url, async () => {
    await server.close()
    storage.close()
  })
}

/**
 * The server `VARVE_MONGODB_URL` names, or else a local one in memory.
 *
 * @param topology What the local server plays; a named server is what it is.
 */
export async function mongoDB(topology: 'replica-set' | 'standalone'): Promise<RunningServer> {
  const url = process.env['VARVE_MONGODB_URL']
  if (url) return used('MongoDB', url)
  const storage = LocalStorage.open(':memory:')
  const server = await startMongoDBServer(storage, { topology })
  return used(`the local MongoDB server (${topology})`, server.url, async () => {
    await server.close()
    storage.close()
  })
}

/** Says which server the run uses, without its credentials. */
function used(
  name: string,
  url: string,
  close = async (): Promise<void> => undefined,
): RunningServer {
  process.stdout.write(`Contract tests use ${name} at ${url.replace(/\/\/[^@/]*@/, '//')}\n`)
  return { url, close }
}
