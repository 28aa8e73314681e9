// The development server as a process of its own, to be killed and paused: serve.ts <data file> <port>
import { startEventStoreDBServer } from '../../../local/src/eventstoredb/eventstoredb-server.ts'
import { LocalStorage } from '../../../local/src/storage/local-storage.ts'

const [, , file = ':memory:', port = '0'] = process.argv
const server = await startEventStoreDBServer(LocalStorage.open(file), { port: Number(port) })
console.log(server.port)
