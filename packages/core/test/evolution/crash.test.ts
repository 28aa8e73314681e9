import { InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  type ConsistencyLevel,
  defineEventHandler,
  type HandlerProgressStore,
  reactTo,
  type ReadModelStore,
} from '../../src/index.ts'
import { HandlerWorld } from '../event-handler/handler-world.ts'
import { documentsOf } from '../fixtures/balances.ts'
import { Life } from '../fixtures/mortal.ts'
import { until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'
import {
  account,
  booked,
  byAccount,
  charged,
  credit,
  credited,
  oldBooked,
  statements,
  summed,
  totals,
} from './statements.ts'

const tuning = { batchSize: 2, retryDelaysMs: [] }
const storeCalls: readonly (keyof ReadModelStore)[] = ['takeCheckpoint', 'load', 'commit']
const definitions = [byAccount, summed, booked]

/** Folds old events in a process that dies at one of its calls, then in another one. Returns whether the first died. */
async function dieAndRestart(level: ConsistencyLevel, last: number, moment: 'before' | 'after') {
  const readModels = new InMemoryReadModelStore({ level })
  const life = new Life(last, moment)
  await using old = new World([oldBooked], { readModels, tuning })
  for (let sum = 1; sum <= 5; sum += 1)
    await old.append(`account-a${sum % 2}`, oldBooked.create({ sum, fee: 1 }))
  {
    const readModelsOfDying = life.wrap(readModels, storeCalls)
    await using dying = old.another(definitions, { readModels: readModelsOfDying, tuning })
    await dying.projections.start().catch(() => undefined)
    await until(
      () => life.isOver || dying.projections.status().every(({ state }) => state === 'live'),
    )
  }
  await using heir = old.another(definitions, { leases: new InMemoryLeaseStore(), tuning })
  await heir.projections.start()
  await heir.settle('statements')
  await heir.settle('totals')
  expect(await documentsOf(heir, statements)).toMatchObject([
    { _id: 'a0', cents: 400, charges: 2 },
    { _id: 'a1', cents: 600, charges: 3 },
  ])
  expect(await documentsOf(heir, totals)).toMatchObject([{ cents: 1000, bookings: 5, charges: 5 }])
  return life.isOver
}

describe.each<ConsistencyLevel>(['exactly-once', 'idempotent'])('at level %s', (level) => {
  test.each(['before', 'after'] as const)(
    'a process that dies %s any of its calls leaves no part of an event missing or doubled',
    async (moment) => {
      let deaths = 0
      while (await dieAndRestart(level, deaths + 1, moment)) deaths += 1
      expect(deaths).toBeGreaterThanOrEqual(6)
    },
    60_000,
  )
})

test('an event handler that dies between two parts has both again, and its commands are carried out once', async () => {
  await using old = new HandlerWorld([oldBooked])
  await old.append('account-a1', oldBooked.create({ sum: 10, fee: 1 }))
  const calls: string[] = []
  const copying = () =>
    defineEventHandler('copying', {
      delivery: 'at-least-once',
      startFrom: 'beginning',
      handlers: [credited, charged].map((event) =>
        reactTo(event, async ({ cents }, context) => {
          if (context.aggregateId === 'copy') return
          await context.execute(credit, { id: 'copy', cents })
          calls.push(context.type)
        }),
      ),
    })
  const life = new Life(1, 'before')
  const progressCalls: readonly (keyof HandlerProgressStore)[] = ['advance']
  {
    await using dying = old.another([copying(), booked, account], {
      progress: life.wrap(old.progress, progressCalls),
    })
    await dying.handlers.start()
    await until(() => life.isOver)
  }
  await using heir = old.another([copying(), booked, account])
  await heir.handlers.start()
  await heir.handlers.waitFor('copying', 0n)
  expect(calls).toEqual(['credited', 'charged', 'credited', 'charged'])
  const { state, revision } = await heir.commands.repositoryOf('account').load('copy')
  expect({ state, revision }).toEqual({ state: { cents: 1100 }, revision: 1n })
})
