// A server in a process of its own, to be killed: prints its connection string, then serves until it dies.
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const load = async (path) => {
  const file = fileURLToPath(new URL(`../../src/${path}`, import.meta.url))
  return (await runnerImport(file, { configFile: false, logLevel: 'error' })).module
}
const { LocalStorage } = await load('storage/local-storage.ts')
const { startEventStoreDBServer } = await load('eventstoredb/eventstoredb-server.ts')
const server = await startEventStoreDBServer(LocalStorage.open(process.argv[2]))
process.send(server.url)
