import { type Checkpoint, ReadModelStoreUnavailableError } from '@varve/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MongoConnection, MongoReadModelStore } from '../../src/index.ts'
import { account, accounts, commit, generation, levels, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'
import { TcpProxy } from '../tcp-proxy.ts'

describe.each(levels)('a connection cut during a commit at level %s', (level) => {
  let server: TestServer
  let proxy: TcpProxy
  let direct: MongoConnection
  let cut: MongoReadModelStore
  let from: Checkpoint

  beforeAll(async () => {
    server = await startServer(level)
    proxy = await TcpProxy.start(server)
  })
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
  })
  beforeEach(async () => {
    direct = new MongoConnection({ url: server.freshUrl() })
    cut = new MongoReadModelStore({
      url: `mongodb://127.0.0.1:${proxy.port}/${direct.database.databaseName}?directConnection=true&serverSelectionTimeoutMS=200&heartbeatFrequencyMS=500&connectTimeoutMS=300`,
      require: level,
      commitBudgetMs: 2_000,
    })
    await cut.create(generation, [accounts])
    from = await cut.takeCheckpoint(generation)
  })
  afterEach(async () => {
    proxy.decide = () => 'pass'
    proxy.isSilent = false
    await cut.close()
    await direct.database.dropDatabase()
    await direct.close()
  })

  const writes = [write(account('a', 'Ann', 1), 1n), write(account('b', 'Bob', 2), 2n)]
  const stored = () =>
    new MongoReadModelStore({ connection: direct })
      .view(generation, accounts)
      .find()
      .sort({ _id: 1 })
      .toArray()

  const steps =
    level === 'exactly-once'
      ? ['insert', 'varve_checkpoints', 'commitTransaction']
      : ['insert', 'varve_checkpoints']

  describe.each(steps)('at the request "%s"', (step) => {
    it.each(['lose-request', 'lose-reply'] as const)(
      'with %s ends with everything written once',
      async (fate) => {
        proxy.cutOnce(step, fate)
        const before = proxy.cuts
        const moved = await commit(cut, from, 2n, writes)
        expect(proxy.cuts).toBe(before + 1)
        expect(moved.position).toBe(2n)
        expect(await cut.checkpoints(generation)).toEqual([moved])
        expect(await stored()).toEqual([account('a', 'Ann', 1), account('b', 'Bob', 2)])
      },
    )
  })

  it('for good is reported as an unknown outcome, and the next runner finds a whole state', async () => {
    proxy.decide = (request) => (request.includes('varve_checkpoints') ? 'lose-request' : 'pass')
    await expect(commit(cut, from, 2n, writes)).rejects.toThrow(ReadModelStoreUnavailableError)
    const next = new MongoReadModelStore({ connection: direct, require: level })
    const taken = await next.takeCheckpoint(generation)
    expect(taken.position).toBeUndefined()
    await commit(next, taken, 2n, writes)
    expect(await stored()).toEqual([account('a', 'Ann', 1), account('b', 'Bob', 2)])
  })

  it('by a server that answers nothing any more ends within the budget', async () => {
    await commit(cut, from, 1n, writes.slice(0, 1))
    proxy.isSilent = true
    const late = commit(cut, { ...from, position: 1n }, 2n, writes.slice(1))
    await expect(late).rejects.toThrow(ReadModelStoreUnavailableError)
  })
})
