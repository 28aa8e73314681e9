import type { ConsistencyLevel } from '@varve/core'
import { MongoConnection, MongoReadModelStore } from '../src/index.ts'
import { WarningLog } from './read-models.ts'
import type { TestServer } from './server.ts'

/** A store on a database of its own. */
export interface OpenStore extends AsyncDisposable {
  readonly connection: MongoConnection
  readonly store: MongoReadModelStore
  readonly log: WarningLog
}

/** Opens a store on a fresh database, which goes away with it. */
export function openStore(server: TestServer, level: ConsistencyLevel): OpenStore {
  const log = new WarningLog()
  const connection = new MongoConnection({ url: server.freshUrl(), logger: log })
  const store = new MongoReadModelStore({ connection, require: level })
  return {
    connection,
    store,
    log,
    async [Symbol.asyncDispose]() {
      await connection.database.dropDatabase()
      await connection.close()
    },
  }
}
