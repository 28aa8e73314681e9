import { type Checkpoint, defineReadModel, ReadModelStoreUnavailableError } from '@varve/core'
import { MongoClient, MongoError } from 'mongodb'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MongoReadModelStore } from '../../src/index.ts'
import { account, accounts, commit, generation, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

const counters = defineReadModel('counters')

describe('the transaction of a commit', () => {
  let server: TestServer
  let client: MongoClient
  let database: string
  let store: MongoReadModelStore
  let from: Checkpoint

  beforeAll(async () => {
    server = await startServer('exactly-once')
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    const url = server.freshUrl()
    database = new URL(url).pathname.slice(1)
    client = new MongoClient(url, { monitorCommands: true })
    store = new MongoReadModelStore({ client, database, commitBudgetMs: 3_000 })
    await store.level()
    await store.create(generation, [accounts, counters])
    from = await store.takeCheckpoint(generation)
  })
  afterEach(async () => {
    await store.close()
    await client.db(database).dropDatabase()
    await client.close()
  })

  const documents = () => client.db(database).collection<{ _id: string }>('accounts__v1_1')
  const commands = () => {
    const started: string[] = []
    client.on('commandStarted', ({ commandName }) => started.push(commandName))
    return started
  }

  it('takes one command for each kind of write, whatever the order of documents', async () => {
    const first = await commit(store, from, 100n, [
      ...Array.from({ length: 50 }, (_, n) => write(account(`a${n}`, 'Ann', n), BigInt(n))),
    ])
    const started = commands()
    await commit(
      store,
      first,
      300n,
      Array.from({ length: 50 }, (_, n) => [
        write(account(`b${n}`, 'Bob', n), 200n),
        n % 2 === 0
          ? write(account(`a${n}`, 'Ann', -n), 201n, BigInt(n))
          : write(`a${n}`, 201n, BigInt(n)),
      ]).flat(),
    )
    expect(started).toEqual(['update', 'delete', 'update', 'insert', 'commitTransaction'])
  })

  it('is not opened where only the checkpoint moves', async () => {
    const started = commands()
    await commit(store, from, 5n)
    expect(started).toEqual(['update'])
  })

  it('runs again when another one holds a document, and writes everything once', async () => {
    const first = await commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n)])
    const holder = client.startSession()
    holder.startTransaction()
    await documents().updateOne({ _id: 'a' }, { $set: { held: true } }, { session: holder })
    const refused = once(client, 'commandFailed')
    const committed = commit(store, first, 2n, [write(account('a', 'Ann', 2), 2n, 1n)])
    await refused
    await holder.abortTransaction()
    await holder.endSession()
    expect((await committed).position).toBe(2n)
    expect(await store.view(generation, accounts).find().toArray()).toEqual([
      account('a', 'Ann', 2),
    ])
  })

  /** The next commit is done, but its answer is lost, and the server that is asked then knows nothing of it. */
  const loseNextOutcome = () => {
    const start = client.startSession.bind(client)
    client.startSession = (options) => {
      client.startSession = start
      const session = start(options)
      const send = session.commitTransaction.bind(session)
      const answers = ['UnknownTransactionCommitResult', 'TransientTransactionError']
      session.commitTransaction = async () => {
        const label = answers.shift()
        if (answers.length === 1 || !label) await send()
        if (!label) return
        const lost = new MongoError(label)
        lost.addErrorLabel(label)
        throw lost
      }
      return session
    }
  }

  it.each([
    ['moves the checkpoint', 5n],
    ['leaves the checkpoint where it is', 1n],
  ])('is done once when its outcome is never learnt and it %s', async (_, position) => {
    const queue = { consumer: 'balances__v1_1', model: 'accounts', key: 'a' }
    const first = await commit(store, from, 1n, [write(account('kept', 'Ann', 1), 1n)])
    loseNextOutcome()
    const moved = await store.commit({
      generation,
      writes: [write(account('a', 'Ann', 1), 1n), write(account('kept', 'Ann', 2), 2n, 1n)],
      updates: [{ model: counters, id: 'c', update: { $inc: { n: 1 } }, position: 1n }],
      settled: [{ queue, position: 1n }],
      from: first,
      position,
    })
    expect(moved).toEqual({ ...first, position })
    expect(await store.checkpoints(generation)).toEqual([moved])
    const loaded = await store.load(generation, accounts, ['a', 'kept'])
    expect(loaded.get('a')?.document).toEqual(account('a', 'Ann', 1))
    expect(loaded.get('kept')?.document).toEqual(account('kept', 'Ann', 2))
    const counted = await store.load(generation, counters, ['c'])
    expect(counted.get('c')?.document).toEqual({ _id: 'c', n: 1 })
    await commit(store, moved, 9n)
  })

  it('gives up within its budget when the document stays held, and changes nothing', async () => {
    const first = await commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n)])
    const holder = client.startSession()
    holder.startTransaction()
    await documents().updateOne({ _id: 'a' }, { $set: { held: true } }, { session: holder })
    const impatient = new MongoReadModelStore({ client, database, commitBudgetMs: 200 })
    const late = commit(impatient, first, 2n, [write(account('a', 'Ann', 2), 2n, 1n)])
    await expect(late).rejects.toThrow(ReadModelStoreUnavailableError)
    await holder.abortTransaction()
    await holder.endSession()
    expect(await store.checkpoints(generation)).toEqual([first])
    expect(await store.view(generation, accounts).find().toArray()).toEqual([
      account('a', 'Ann', 1),
    ])
  })
})
