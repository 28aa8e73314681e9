import { InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { expect, test } from 'vitest'
import { SeededRandom } from '../../../testing/src/index.ts'
import type { ReadModelCommit } from '../../src/index.ts'
import { deposited, opened } from '../fixtures/accounts.ts'
import { type Balance, balances, bank, documentsOf } from '../fixtures/balances.ts'
import { recordingCommits } from '../fixtures/recording-commits.ts'
import { until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

const accounts = 40

/** Every document's writes must build on each other: a lost or doubled event breaks the chain. */
function brokenChains(commits: readonly ReadModelCommit[]): string[] {
  const last = new Map<string, bigint>()
  const broken: string[] = []
  for (const { writes } of commits)
    for (const { id, previous, position } of writes) {
      if (last.get(id) !== previous) broken.push(`${id}: ${last.get(id)} -> ${previous}`)
      last.set(id, position)
    }
  return broken
}

test.each(['exactly-once', 'idempotent'] as const)(
  'workers come and go from one to eight and back while events come in, and no event is lost or doubled (%s)',
  { timeout: 60_000 },
  async (level) => {
    const random = new SeededRandom(7)
    const commits: ReadModelCommit[] = []
    const store = new InMemoryReadModelStore({ level })
    const readModels = recordingCommits(commits, store)
    const options = {
      readModels,
      leases: new InMemoryLeaseStore(),
      tuning: { leaseMs: 90, batchSize: 20 },
    }
    await using world = new World(bank, options)
    const expected = new Map<string, Balance>()
    for (let account = 0; account < accounts; account += 1) {
      const id = `a${account}`
      await world.append(`account-${id}`, opened.create({ owner: id }))
      expected.set(id, { _id: id, owner: id, balance: 0 })
    }
    const deposit = async (): Promise<void> => {
      const id = `a${random.integer(0, accounts - 1)}`
      expected.get(id)!.balance += 1
      await world.append(`account-${id}`, deposited.create({ amount: 1 }))
    }
    const running: World[] = []
    for (const count of [1, 4, 8, 3, 8, 1]) {
      while (running.length < count) {
        const worker = world.another(bank, options)
        await worker.projections.start()
        running.push(worker)
      }
      while (running.length > count) await running.shift()!.projections.stop()
      for (let event = 0; event < 100; event += 1) await deposit()
      await until(() => running.every((one) => one.projections.status()[0]?.state === 'live'))
      await world.settle('by-account')
    }
    await until(() => running[0]?.projections.status()[0]?.workers[0]?.slots.length === 1)
    expect(await documentsOf(world, balances)).toEqual(
      [...expected.values()].sort((a, b) => (a._id < b._id ? -1 : 1)),
    )
    expect(brokenChains(commits)).toEqual([])
    for (const one of running) await one[Symbol.asyncDispose]()
  },
)
