export {
  type EventStoreDBServer,
  type EventStoreDBServerOptions,
  startEventStoreDBServer,
} from './eventstoredb/eventstoredb-server.ts'
export { hostServers, type LocalServers, type LocalServersOptions } from './hosting/host-servers.ts'
export { startServerThread } from './hosting/start-server-thread.ts'
export { startMongoDBServer } from './mongodb/start-mongodb-server.ts'
export { LocalStorage, type Statement } from './storage/local-storage.ts'
export { DataFileInUseError, StorageFailedError } from './storage/storage-errors.ts'
