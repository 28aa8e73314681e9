import { randomUUID } from 'node:crypto'
import { MongoConnection } from '@varve/mongodb'
import { mongoDB } from './servers.ts'

/** A connection to a database of its own, dropped at the end. */
export async function openDatabase(
  topology: 'replica-set' | 'standalone',
): Promise<{ readonly connection: MongoConnection; readonly close: () => Promise<void> }> {
  const server = await mongoDB(topology)
  const database = `varve_contract_${randomUUID().slice(0, 8)}`
  const url = server.url.replace(/^([^:]+:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`)
  const connection = new MongoConnection({ url })
  return {
    connection,
    close: async () => {
      await connection.database.dropDatabase()
      await connection.close()
      await server.close()
    },
  }
}
