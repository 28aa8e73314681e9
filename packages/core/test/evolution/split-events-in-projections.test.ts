import { describe, expect, test } from 'vitest'
import { InMemoryReadModelStore, type InMemoryReadModelView } from '@varve/memory'
import type { DeadLetter } from '../../src/index.ts'
import { around } from '../fixtures/around.ts'
import { documentsOf } from '../fixtures/balances.ts'
import { until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'
import {
  booked,
  byAccount,
  charged,
  credited,
  oldBooked,
  overTime,
  statements,
  summed,
  totals,
} from './statements.ts'

const dead = { tuning: { retryDelaysMs: [] } }

/** The stores as the oldest code left them. */
async function oldLog(...bookings: readonly { sum: number; fee: number }[]): Promise<World> {
  const world = new World([oldBooked])
  for (const booking of bookings) await world.append('account-a1', oldBooked.create(booking))
  return world
}

async function lettersOf(world: World): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = []
  for await (const page of world.projections.deadLetters('statements').list()) letters.push(...page)
  return letters
}

describe('a recorded event that stands for two events of one document', () => {
  test('is folded with both, in order', async () => {
    await using old = await oldLog({ sum: 10, fee: 1 }, { sum: 20, fee: 2 })
    await using world = old.another([byAccount, booked])
    await world.projections.start()
    await world.settle('statements')
    expect(await documentsOf(world, statements)).toEqual([
      {
        _id: 'a1',
        cents: 2700,
        charges: 2,
        lines: ['credited 1000', 'charged 100', 'credited 2000', 'charged 200'],
      },
    ])
  })

  test('updates a document that is not read with both', async () => {
    await using old = await oldLog({ sum: 10, fee: 1 }, { sum: 20, fee: 2 })
    await using world = old.another([summed, booked])
    await world.projections.start()
    await world.settle('totals')
    expect(await documentsOf(world, totals)).toEqual([
      { _id: 'all', cents: 2700, bookings: 2, charges: 2 },
    ])
  })

  test('makes one version of a document with a history', async () => {
    await using old = await oldLog({ sum: 10, fee: 1 })
    await using world = old.another([overTime, booked])
    const position = await world.append('account-a1', charged.create({ cents: 5 }))
    await world.projections.start()
    await world.settle('past-statements')
    const route = world.model.readModels.get('past_statements')!
    const generation = await world.projections.activeGeneration(route)
    const at = async (point: bigint) => {
      const view = world.readModels.view(generation, route.model, { position: point })
      return (view as InMemoryReadModelView).find().toArray()
    }
    expect(await at(position - 1n)).toMatchObject([{ cents: 900 }])
    expect(await at(position)).toMatchObject([{ cents: 895 }])
  })

  test('is left out where it stands for nothing any more, and the checkpoint passes it', async () => {
    await using old = await oldLog({ sum: 0, fee: 7 }, { sum: 1, fee: 0 })
    await using world = old.another([byAccount, booked])
    await world.projections.start()
    await world.settle('statements')
    expect(await documentsOf(world, statements)).toMatchObject([{ cents: 100, charges: 1 }])
  })

  test('is found in a rebuild', async () => {
    await using old = await oldLog({ sum: 10, fee: 1 })
    await using world = old.another([byAccount, booked])
    await world.projections.start()
    await world.settle('statements')
    await world.projections.rebuild('statements')
    expect(await documentsOf(world, statements)).toMatchObject([{ cents: 900 }])
  })
})

describe('a part that fails', () => {
  test('holds the whole event back from its document: none of the parts is in it', async () => {
    await using old = await oldLog({ sum: 10, fee: 1 }, { sum: 20, fee: 13 }, { sum: 30, fee: 3 })
    await using world = old.another([byAccount, booked], dead)
    await world.append('account-a2', credited.create({ cents: 5 }))
    await world.projections.start()
    await world.settle('statements')
    expect(await documentsOf(world, statements)).toMatchObject([
      { _id: 'a1', cents: 900, lines: ['credited 1000', 'charged 100'] },
      { _id: 'a2', cents: 5 },
    ])
    expect(await lettersOf(world)).toMatchObject([
      { event: { type: 'booked', data: { sum: 20, fee: 13 } }, state: 'dead' },
      { event: { type: 'booked', data: { sum: 30, fee: 3 } }, state: 'waiting' },
    ])
  })

  test('because it cannot be brought up holds the documents it may be for', async () => {
    await using old = await oldLog({ sum: 20, fee: -1 }, { sum: -5, fee: 3 }, { sum: 1, fee: 0 })
    await using world = old.another([byAccount, booked], dead)
    await world.projections.start()
    await world.settle('statements')
    const letters = world.projections.deadLetters('statements')
    expect(await letters.count()).toBe(2)
    expect(await documentsOf(world, statements)).toMatchObject([{ _id: 'a1', cents: 2100 }])
  })
})

test('an event in a version nobody knows is held for its document, and the others go on', async () => {
  await using world = new World([byAccount, booked], dead)
  await world.append('account-a2', credited.create({ cents: 5 }))
  await world.eventStore.append(
    'account-a1' as never,
    [{ id: crypto.randomUUID(), type: 'credited', data: {}, metadata: { schemaVersion: 9 } }],
    { expected: 'any' },
  )
  await world.append('account-a2', credited.create({ cents: 6 }))
  await world.projections.start()
  await world.settle('statements')
  expect(await documentsOf(world, statements)).toMatchObject([{ _id: 'a2', cents: 11 }])
  expect(await lettersOf(world)).toMatchObject([
    {
      queue: { key: 'a1' },
      cause: { message: expect.stringContaining('is stored in version 9') as string },
    },
  ])
})

test('after a crash between documents and checkpoint, no part is applied twice', async () => {
  const store = new InMemoryReadModelStore({ level: 'idempotent' })
  let isDying = true
  const readModels = around(store, {
    commit: async (commit, what) => {
      const committing = commit(what)
      // The store writes the documents first; whoever takes the checkpoint now stands for a crash in between.
      if (isDying && what.position >= 1n) await store.takeCheckpoint(what.generation)
      return committing
    },
  })
  await using old = await oldLog({ sum: 10, fee: 1 }, { sum: 20, fee: 2 })
  await using first = old.another([byAccount, summed, booked], { readModels })
  await first.projections.start()
  await until(() => first.projections.status().every(({ retries }) => retries > 0))
  await first.projections.stop()
  isDying = false
  await using second = first.another([byAccount, summed, booked], { readModels })
  await second.projections.start()
  await second.settle('statements')
  await second.settle('totals')
  expect(await documentsOf(second, statements)).toMatchObject([{ cents: 2700, charges: 2 }])
  expect(await documentsOf(second, totals)).toMatchObject([{ cents: 2700, bookings: 2 }])
})
