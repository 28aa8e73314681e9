import { join } from 'node:path'
import { startEventStoreDBServer } from '../eventstoredb/eventstoredb-server.ts'
import { startMongoDBServer } from '../mongodb/start-mongodb-server.ts'
import { LocalStorage } from '../storage/local-storage.ts'

/** Where the development servers listen and keep their data. */
export interface LocalServersOptions {
  /** Folder of the data file `varve.db`; undefined keeps everything in memory. */
  readonly data?: string
  /** Port for the EventStoreDB protocol. Default 0: any that is free. */
  readonly eventStoreDBPort?: number
  /** Port for the MongoDB protocol. Default 0: any that is free. */
  readonly mongoDBPort?: number
}

/** Two running development servers. */
export interface LocalServers {
  /** Connection string for EventStoreDB clients. */
  readonly eventStoreUrl: string
  /** Connection string for MongoDB clients, without a database name. */
  readonly mongoUrl: string
  /** Stops both servers and closes the data file. */
  close(): Promise<void>
}

/**
 * Runs both development servers in this thread, bound to 127.0.0.1.
 *
 * @throws {DataFileInUseError} Another process has the data file open.
 */
export async function hostServers(options: LocalServersOptions = {}): Promise<LocalServers> {
  const { data, eventStoreDBPort = 0, mongoDBPort = 0 } = options
  const storage = LocalStorage.open(data === undefined ? ':memory:' : join(data, 'varve.db'))
  try {
    const eventStoreDB = await startEventStoreDBServer(storage, { port: eventStoreDBPort })
    const mongoDB = await startMongoDBServer(storage, { port: mongoDBPort })
    return {
      eventStoreUrl: eventStoreDB.url,
      mongoUrl: mongoDB.url,
      close: async () => {
        await Promise.all([eventStoreDB.close(), mongoDB.close()])
        storage.close()
      },
    }
  } catch (error) {
    storage.close()
    throw error
  }
}
