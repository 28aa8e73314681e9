import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMongoDBServer } from '../../src/mongodb/start-mongodb-server.ts'
import { LocalStorage } from '../../src/storage/local-storage.ts'

const folder = mkdtempSync(join(import.meta.dirname, '.kill-'))
const data = mkdtempSync(join(tmpdir(), 'varve-kill-'))

beforeAll(async () => {
  // The child process runs plain JavaScript.
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      ssr: true,
      emptyOutDir: false,
      rolldownOptions: {
        input: {
          storage: join(import.meta.dirname, '../../src/storage/local-storage.ts'),
          server: join(import.meta.dirname, '../../src/mongodb/start-mongodb-server.ts'),
        },
        output: { entryFileNames: '[name].mjs' },
      },
    },
  })
})
afterAll(() => {
  rmSync(folder, { recursive: true })
  rmSync(data, { recursive: true })
})

const program = `
  const { LocalStorage } = await import(process.argv[1] + '/storage.mjs')
  const { startMongoDBServer } = await import(process.argv[1] + '/server.mjs')
  const server = await startMongoDBServer(LocalStorage.open(process.argv[2]))
  process.send(server.url)
`

async function startChild(path: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder, path], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [url] = (await once(child, 'message')) as [string]
  return { child, url }
}

interface Row {
  _id: string
  batch: number
}

/** Writes until the server is gone; returns what was acknowledged. */
async function writeUntilCut(client: MongoClient, enough: () => void) {
  const acknowledged = { singles: 0, batches: 0 }
  const rows = client.db('bank').collection<Row>('rows')
  await rows.createIndexes([{ key: { batch: 1 } }])
  const singles = async () => {
    for (;;) {
      await rows.insertOne({ _id: `single-${acknowledged.singles}`, batch: -1 })
      acknowledged.singles += 1
    }
  }
  const batches = async () => {
    for (;;) {
      const batch = acknowledged.batches
      await client.withSession(async (session) => {
        session.startTransaction()
        const documents = Array.from({ length: 50 }, (_, n) => ({ _id: `${batch}-${n}`, batch }))
        await rows.insertMany(documents, { session })
        await client
          .db('bank')
          .collection<Row>('batches')
          .insertOne({ _id: `${batch}`, batch }, { session })
        await session.commitTransaction()
      })
      acknowledged.batches += 1
      if (acknowledged.batches === 20) enough()
    }
  }
  await Promise.allSettled([singles(), batches()])
  return acknowledged
}

describe('a server that is killed under load', () => {
  it('has kept every acknowledged write and no half transaction', async () => {
    const path = join(data, 'data.db')
    const { child, url } = await startChild(path)
    const client = await MongoClient.connect(url, { serverSelectionTimeoutMS: 300, w: 'majority' })
    const exited = once(child, 'exit')
    const acknowledged = await writeUntilCut(client, () => child.kill('SIGKILL'))
    await exited
    await client.close()

    const storage = LocalStorage.open(path)
    const server = await startMongoDBServer(storage)
    const reopened = await MongoClient.connect(server.url)
    const rows = await reopened.db('bank').collection<Row>('rows').find().toArray()
    const sizes = new Map<number, number>()
    for (const { batch } of rows) sizes.set(batch, (sizes.get(batch) ?? 0) + 1)
    expect(sizes.get(-1)).toBeGreaterThanOrEqual(acknowledged.singles)
    sizes.delete(-1)
    expect(sizes.size).toBeGreaterThanOrEqual(acknowledged.batches)
    expect([...sizes.values()].filter((size) => size !== 50)).toEqual([])
    const bank = reopened.db('bank')
    const batches = await bank.collection<Row>('batches').distinct('batch')
    expect(batches.sort((a, b) => a - b)).toEqual([...sizes.keys()].sort((a, b) => a - b))
    const byIndex = bank.collection<Row>('rows').find({ batch: { $gte: 0 } }, { hint: 'batch_1' })
    expect(await byIndex.toArray()).toHaveLength(sizes.size * 50)
    await reopened.close()
    await server.close()
    storage.close()
  })
})
