// Why: the writes a projector sends most, through the real driver, with the server in another process.
// Run: node test/benchmark/local-mongodb.mjs   (after `npm run build`)
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MongoClient } from 'mongodb'

const BATCH = 500
const BATCHES = 60
const text = 'x'.repeat(220)

async function serve() {
  const built = (path) => new URL(`../../packages/local/dist/${path}`, import.meta.url).href
  const { LocalStorage } = await import(built('storage/local-storage.js'))
  const { startMongoDBServer } = await import(built('mongodb/start-mongodb-server.js'))
  const storage = LocalStorage.open(process.argv[3])
  const server = await startMongoDBServer(storage)
  process.send(server.url)
}

async function measure(name, run) {
  const started = performance.now()
  const count = await run()
  const seconds = (performance.now() - started) / 1000
  console.log(`${name.padEnd(44)} ${Math.round(count / seconds).toLocaleString('en')} documents/s`)
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'varve-benchmark-'))
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), 'serve', join(folder, 'data.db')],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
  const [url] = await once(child, 'message')
  const client = await MongoClient.connect(url)
  try {
    await run(client)
  } finally {
    await client.close()
    child.kill()
    await once(child, 'exit')
    rmSync(folder, { recursive: true })
  }
}

async function run(client) {
  const models = client.db('bank').collection('accounts')
  const checkpoints = client.db('bank').collection('checkpoints')
  const ids = (batch) => Array.from({ length: BATCH }, (_, n) => `account-${batch * BATCH + n}`)
  const document = (_id, balance) => ({ _id, owner: 'kim', balance, text, _meta: { pos: balance } })
  await checkpoints.insertOne({ _id: 'p', position: 0 })

  await measure('insertMany, 500 at a time', async () => {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      await models.insertMany(ids(batch).map((id) => document(id, 0)))
    }
    return BATCH * BATCHES
  })

  let position = 0
  await measure('transaction: 500 replaceOne + checkpoint', async () => {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await models.bulkWrite(
            ids(batch).map((id) => ({
              replaceOne: { filter: { _id: id }, replacement: document(id, position + 1) },
            })),
            { ordered: true, session },
          )
          await checkpoints.updateOne(
            { _id: 'p', position },
            { $set: { position: position + 1 } },
            { session },
          )
        }),
      )
      position += 1
    }
    return BATCH * BATCHES
  })

  await measure('bulkWrite: 500 replaceOne', async () => {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      await models.bulkWrite(
        ids(batch).map((id) => ({
          replaceOne: { filter: { _id: id }, replacement: document(id, -batch - 1) },
        })),
      )
    }
    return BATCH * BATCHES
  })

  await measure('bulkWrite: 500 updateOne $inc', async () => {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      await models.bulkWrite(
        ids(batch).map((id) => ({
          updateOne: { filter: { _id: id }, update: { $inc: { balance: 1 } } },
        })),
      )
    }
    return BATCH * BATCHES
  })

  await measure('find $in, 500 ids', async () => {
    let found = 0
    for (let batch = 0; batch < BATCHES; batch += 1) {
      found += (await models.find({ _id: { $in: ids(batch) } }, { batchSize: BATCH }).toArray())
        .length
    }
    return found
  })

  await measure('findOne by _id, one after the other', async () => {
    for (let n = 0; n < 3000; n += 1) await models.findOne({ _id: `account-${n}` })
    return 3000
  })
}

await (process.argv[2] === 'serve' ? serve() : main())
