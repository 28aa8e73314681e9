import { InMemoryEventStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  ConcurrencyError,
  type ConflictPolicy,
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

/** An account with a limit, and what its deposits do on a conflict. */
function limited(onConflict: ConflictPolicy<number, { id: string; amounts: number[] }>) {
  return defineAggregate<number>('account', {
    initial: () => 0,
    decide: [
      decideOn(deposit, (_, { amounts }) => amounts.map((amount) => deposited.create({ amount })), {
        onConflict,
      }),
    ],
    evolve: [evolveWith(deposited, (balance, { amount }) => balance + amount)],
  })
}

const give = (world: World, ...amounts: number[]) =>
  world.commands.execute(deposit, { id: 'a1', amounts })
const amountsOf = async (world: World) =>
  (await eventsOf(world.eventStore, 'account-a1')).map(({ data }) => data)

describe('a command that is to fail on a conflict', () => {
  test('fails at the first one', async () => {
    await using world = new World([limited('fail')], { eventStore: contested(1) })
    expect(await failureOf(() => give(world, 5))).toMatchObject({ code: 'CONCURRENCY', tries: 1 })
    expect(await amountsOf(world)).toEqual([{ amount: 5 }])
  })

  test('does not take what others wrote long before for a conflict', async () => {
    await using world = new World([limited('fail')])
    await give(world, 1)
    await world.append('account-a1', deposited.create({ amount: 2 }))
    await give(world, 3)
    expect(await amountsOf(world)).toEqual([{ amount: 1 }, { amount: 2 }, { amount: 3 }])
  })
})

describe('a command that merges', () => {
  test('sees what others stored, what it had decided, and the state', async () => {
    const seen: unknown[] = []
    const merging = limited(({ command, decided, unseen, state }) => {
      seen.push({ amounts: command.amounts, decided, unseen, state })
      return [deposited.create({ amount: 100 }), ...decided]
    })
    await using world = new World([merging], { eventStore: contested(1) })
    expect(await give(world, 5)).toMatchObject({
      revision: 2n,
      events: [{ amount: 100 }, { amount: 5 }],
    })
    expect(seen).toEqual([
      { amounts: [5], decided: [{ amount: 5 }], unseen: [{ amount: 5 }], state: 5 },
    ])
    await give(world, 1)
    expect(await amountsOf(world)).toHaveLength(4)
  })

  test('sees everything since its decision where others were faster again', async () => {
    const unseenCounts: number[] = []
    const merging = limited(({ decided, unseen }) => {
      unseenCounts.push(unseen.length)
      return decided
    })
    await using world = new World([merging], { eventStore: contested(3) })
    await give(world, 5)
    expect(unseenCounts).toEqual([1, 2, 3])
    expect(await amountsOf(world)).toHaveLength(4)
  })

  test('may decide again, give up, or find that nothing is left to do', async () => {
    await using again = new World([limited(() => 'retry')], { eventStore: contested(2) })
    await give(again, 5)
    expect(await amountsOf(again)).toHaveLength(3)
    await using giving = new World([limited(() => 'fail')], { eventStore: contested(1) })
    expect(await failureOf(() => give(giving, 5))).toBeInstanceOf(ConcurrencyError)
    await using nothing = new World([limited(() => [])], { eventStore: contested(1) })
    expect(await give(nothing, 5)).toMatchObject({ events: [], revision: 0n })
  })
})

test('a hundred writers of one aggregate all succeed, in the order they came', async () => {
  await using world = new World([account])
  const answered: number[] = []
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      await world.commands.execute(deposit, { id: 'a1', amounts: [] })
      answered.push(index)
    }),
  )
  expect(answered).toEqual(Array.from({ length: 100 }, (_, index) => index))
})

test('a hundred writers in four processes all succeed, and none waits for all the others', async () => {
  const worlds = [new World([account], { conflictRetries: 20 })]
  const [first] = worlds as [World]
  while (worlds.length < 4) worlds.push(first.another([account], { conflictRetries: 20 }))
  const answered: number[] = []
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      await worlds[index % 4]?.commands.execute(deposit, { id: 'a1', amounts: [] })
      answered.push(index % 4)
    }),
  )
  expect(await eventsOf(first.eventStore, 'account-a1')).toHaveLength(100)
  for (const world of worlds) await world.commands.drain()
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
