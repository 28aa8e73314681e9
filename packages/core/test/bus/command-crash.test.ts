import { InMemoryEventStore, InMemorySnapshotStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import { defineAccount, deposit } from '../fixtures/accounts.ts'
import { eventsOf } from '../fixtures/collect.ts'
import { Life } from '../fixtures/mortal.ts'
import { World } from '../fixtures/world.ts'

const account = defineAccount({ every: 2 })
const commands = [
  { id: 'c1', amounts: [1, 2] },
  { id: 'c2', amounts: [3] },
  { id: 'c3', amounts: [4, 5] },
]

/** Sends all commands, one after the other, until the process dies. */
async function sendAll(world: World): Promise<unknown[]> {
  const results: unknown[] = []
  for (const { id, amounts } of commands) {
    results.push(await world.commands.execute(deposit, { id: 'a1', amounts }, { id }))
    await world.commands.drain()
  }
  return results
}

/** A process that dies at the given call to its stores, before or after the call took effect. */
function dying(calls: number, moment: 'before' | 'after') {
  const eventStore = new InMemoryEventStore()
  const snapshotStore = new InMemorySnapshotStore()
  const life = new Life(calls, moment)
  const world = new World([account], {
    eventStore: life.wrap(eventStore, ['append']),
    snapshotStore: life.wrap(snapshotStore, ['load', 'save']),
  })
  return { eventStore, snapshotStore, life, world }
}

/** Every call a whole run makes: loads, appends, saves of snapshots. */
const calls = await (async () => {
  const { life, world } = dying(Infinity, 'before')
  await sendAll(world)
  return life.calls
})()

describe.each(['before', 'after'] as const)('a process that dies right %s', (moment) => {
  test.each(Array.from({ length: calls }, (_, index) => index + 1))(
    'its call %i leaves each command to be done once by the next process',
    async (last) => {
      const { eventStore, snapshotStore, world } = dying(last, moment)
      await sendAll(world).catch(() => undefined)
      await using next = new World([account], { eventStore, snapshotStore })
      const results = await sendAll(next)
      expect(results).toMatchObject([{ revision: 1n }, { revision: 2n }, { revision: 4n }])
      const events = await eventsOf(eventStore, 'account-a1')
      expect(events.map(({ data }) => (data as { amount: number }).amount)).toEqual([1, 2, 3, 4, 5])
      expect(await next.commands.repositoryOf('account').load('a1')).toMatchObject({
        state: { balance: 15 },
      })
    },
  )
})

test('the enumeration has every load, append and save', () => {
  expect(calls).toBeGreaterThanOrEqual(6)
})
