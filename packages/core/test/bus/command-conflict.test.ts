import { InMemoryEventStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  ConcurrencyError,
  decideOn,
  defineAggregate,
  evolveWith,
  WrongExpectedRevisionError,
} from '../../src/index.ts'
import { deposit, deposited } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { eventsOf, failureOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

/** Emits the balance it decided on, so that a decision on an old state shows. */
const account = defineAggregate<number>('account', {
  initial: () => 0,
  decide: [decideOn(deposit, (balance) => deposited.create({ amount: balance + 1 }))],
  evolve: [evolveWith(deposited, (balance, { amount }) => balance + amount)],
})

/** Another writer is first, the given number of times. */
function contested(times: number): InMemoryEventStore {
  const store = new InMemoryEventStore()
  let left = times
  return around(store, {
    append: async (append, stream, events, options) => {
      if (left > 0) {
        left -= 1
        const rival = events.map((event) => ({
          ...event,
          id: `00000000-0000-4000-8000-00000000000${left}`,
          metadata: {},
        }))
        await store.append(stream, rival, { expected: 'any' })
      }
      return append(stream, events, options)
    },
  })
}

describe('a conflict', () => {
  test('is decided again on the new state', async () => {
    await using world = new World([account], { eventStore: contested(2) })
    const done = await world.commands.execute(deposit, { id: 'a1', amounts: [] })
    const amounts = (await eventsOf(world.eventStore, 'account-a1')).map(({ data }) => data)
    expect(amounts).toEqual([{ amount: 1 }, { amount: 2 }, { amount: 4 }])
    expect(done.revision).toBe(2n)
  })

  test('after all retries is an error with both revisions, and nothing is stored', async () => {
    await using world = new World([account], { eventStore: contested(9) })
    const error = await failureOf(() => world.commands.execute(deposit, { id: 'a1', amounts: [] }))
    expect(error).toBeInstanceOf(ConcurrencyError)
    expect(error).toMatchObject({
      stream: 'account-a1',
      commandType: 'account.deposit',
      tries: 4,
      expected: 2n,
      actual: 3n,
    })
    expect((error as ConcurrencyError).message).toContain(
      'in 4 tries: decided at revision 2, found 3',
    )
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(4)
  })

  test('of a first event tells that the stream was empty', async () => {
    await using world = new World([account], { eventStore: contested(1), conflictRetries: 0 })
    const error = await failureOf(() => world.commands.execute(deposit, { id: 'a1', amounts: [] }))
    expect(error).toMatchObject({ tries: 1, expected: undefined, actual: 0n })
  })

  test('among twenty commands at once loses none of them', async () => {
    await using world = new World([account], { conflictRetries: 100 })
    const commands = Array.from({ length: 20 }, () =>
      world.commands.execute(deposit, { id: 'a1', amounts: [] }),
    )
    const revisions = (await Promise.all(commands)).map(({ revision }) => Number(revision))
    expect(revisions.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index))
  })
})

test('an append that was recorded but answered with a conflict returns its first result', async () => {
  const store = new InMemoryEventStore()
  const stuttering = around(store, {
    append: async (append, stream, events, options) => {
      await append(stream, events, options)
      throw new WrongExpectedRevisionError(stream, options.expected, 0n)
    },
  })
  await using world = new World([account], { eventStore: stuttering })
  const done = await world.commands.execute(deposit, { id: 'a1', amounts: [] })
  expect(done).toMatchObject({ revision: 0n, isRepeated: true })
  expect(await eventsOf(store, 'account-a1')).toHaveLength(1)
})
