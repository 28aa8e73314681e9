// The development server as a process of its own, to be killed: serve.mjs <data file> <port>
import { LocalStorage, startEventStoreDBServer } from '@varve/local'

const [, , file, port] = process.argv
const server = await startEventStoreDBServer(LocalStorage.open(file), { port: Number(port) })
console.log(server.port)
