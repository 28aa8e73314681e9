import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient, type MongoClientOptions } from 'mongodb'
import {
  startMongoDBServer,
  type MongoDBServerOptions,
} from '../../src/mongodb/start-mongodb-server.ts'
import { LocalStorage } from '../../src/storage/local-storage.ts'

/** A server over a file of its own, with a driver connected to it. */
export async function startClient(
  options: MongoDBServerOptions & { client?: MongoClientOptions } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'varve-mongodb-'))
  const path = join(folder, 'data.db')
  let storage = LocalStorage.open(path)
  let server = await startMongoDBServer(storage, options)
  let client = await MongoClient.connect(server.url, options.client)
  const stop = async () => {
    await client.close()
    await server.close()
    storage.close()
  }
  return {
    get client() {
      return client
    },
    get db() {
      return client.db('bank')
    },
    get url() {
      return server.url
    },
    async restart() {
      await stop()
      storage = LocalStorage.open(path)
      server = await startMongoDBServer(storage, options)
      client = await MongoClient.connect(server.url, options.client)
    },
    async close() {
      await stop()
      rmSync(folder, { recursive: true })
    },
  }
}
