import { InMemoryEventStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  AggregateRoot,
  decideOn,
  defineAggregate,
  defineAggregateClass,
  defineCommand,
  defineEvent,
  evolveWith,
  streamName,
} from '../../src/index.ts'
import { deposit, type Deposited, deposited } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { eventsOf, failureOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

const stream = streamName('account', 'a1')
const plain = defineAggregate<number>('account', {
  initial: () => 0,
  decide: [
    decideOn(deposit, (balance, { amounts }) => {
      if (balance > 100) throw new RangeError('too rich')
      return amounts.map((amount) => deposited.create({ amount: amount + balance }))
    }),
  ],
  evolve: [evolveWith(deposited, (balance, { amount }) => balance + amount)],
})

class Account extends AggregateRoot {
  balance = 0
  deposit({ amounts }: { amounts: number[] }): void {
    const { balance } = this
    for (const amount of amounts) this.emit(deposited.create({ amount: amount + balance }))
    if (balance > 100) throw new RangeError('too rich')
  }
  add({ amount }: Deposited): void {
    this.balance += amount
  }
}
const classy = defineAggregateClass(Account, {
  category: 'account',
  handles: [[deposit, 'deposit']],
  applies: [[deposited, 'add']],
})

/** A store that notes what is asked of it. */
function noting(calls: string[]): InMemoryEventStore {
  return around(new InMemoryEventStore(), {
    append: (append, ...of) => {
      calls.push('append')
      return append(...of)
    },
    readStream: (read, name, options) => {
      calls.push(`read from ${options?.from ?? 0n}`)
      return read(name, options)
    },
  })
}

const give = (world: World, ...amounts: number[]) =>
  world.commands.execute(deposit, { id: 'a1', amounts })
const amountsOf = async (world: World) =>
  (await eventsOf(world.eventStore, stream)).map(({ data }) => (data as Deposited).amount)

describe.each([
  ['functions', plain],
  ['a class', classy],
])('an aggregate of %s', (_name, account) => {
  test('is read once; then each command costs one append', async () => {
    const calls: string[] = []
    await using world = new World([account], { eventStore: noting(calls) })
    for (const amount of [1, 2, 3]) await give(world, amount)
    expect(calls).toEqual(['read from 0', 'append', 'append', 'append'])
    expect(await amountsOf(world)).toEqual([1, 3, 7])
  })

  test('is decided on one command at a time, in the order they came', async () => {
    const calls: string[] = []
    await using world = new World([account], { eventStore: noting(calls), conflictRetries: 0 })
    await Promise.all([1, 1, 1, 1, 1].map((amount) => give(world, amount)))
    expect(await amountsOf(world)).toEqual([1, 2, 4, 8, 16])
    expect(calls.filter((call) => call === 'append')).toHaveLength(5)
  })

  test('that others wrote meanwhile is decided on again', async () => {
    await using world = new World([account], { conflictRetries: 0 })
    await give(world, 1)
    await world.append(stream, deposited.create({ amount: 10 }))
    const done = await give(world, 2)
    expect(done.revision).toBe(2n)
    expect(await amountsOf(world)).toEqual([1, 10, 13])
  })

  test('whose handler threw is decided on as it was before', async () => {
    await using world = new World([account])
    await give(world, 101)
    expect(await failureOf(() => give(world, 1))).toBeInstanceOf(RangeError)
    await world.append(stream, deposited.create({ amount: -100 }))
    await give(world, 1)
    expect(await amountsOf(world)).toEqual([101, -100, 2])
  })

  test('is refused only by what its stream says now', async () => {
    await using world = new World([account])
    await give(world, 101)
    await world.append(stream, deposited.create({ amount: -100 }))
    await give(world, 1)
    expect(await amountsOf(world)).toEqual([101, -100, 2])
  })

  test('tells that nothing happened only by what its stream says now', async () => {
    await using world = new World([account])
    await give(world, 1)
    const position = await world.append(stream, deposited.create({ amount: 5 }))
    const done = await give(world)
    expect(done).toMatchObject({ events: [], revision: 1n })
    expect(position).toBe(1n)
  })

  test('is read anew after an append whose outcome is not known', async () => {
    const store = new InMemoryEventStore()
    let isLost = false
    const losing = around(store, {
      append: async (append, ...of) => {
        const done = await append(...of)
        if (isLost) throw new TypeError('connection lost')
        return done
      },
    })
    await using world = new World([account], { eventStore: losing })
    await give(world, 1)
    isLost = true
    expect(await failureOf(() => give(world, 1))).toMatchObject({ message: 'connection lost' })
    isLost = false
    await give(world, 1)
    expect(await amountsOf(world)).toEqual([1, 2, 4])
  })

  test('starts again where its stream was deleted, once it was not looked at for a while', async () => {
    let now = new Date('2024-01-01T00:00:00Z')
    const store = new InMemoryEventStore()
    await using world = new World([account], { eventStore: store, clock: { now: () => now } })
    await give(world, 1)
    await store.deleteStream(stream)
    now = new Date('2024-01-01T00:01:01Z')
    await give(world, 1)
    expect(await amountsOf(world)).toEqual([1])
  })

  test('keeps nothing and lets nobody wait where it says so', async () => {
    const calls: string[] = []
    const uncached = { ...account, cache: false as const } as typeof account
    await using world = new World([uncached], { eventStore: noting(calls) })
    for (const amount of [1, 2]) await give(world, amount)
    expect(calls).toEqual(['read from 0', 'append', 'read from 0', 'append'])
  })
})

test('the aggregates used last are kept', async () => {
  const calls: string[] = []
  const small = { ...plain, cache: { most: 2 } }
  await using world = new World([small], { eventStore: noting(calls) })
  for (const id of ['a', 'b', 'a', 'c', 'a', 'b'])
    await world.commands.execute(deposit, { id, amounts: [1] })
  expect(calls.filter((call) => call !== 'append')).toHaveLength(4)
})

test('an event whose fold fails is not stored', async () => {
  const picky = defineAggregate<number>('account', {
    initial: () => 0,
    decide: [decideOn(deposit, () => deposited.create({ amount: 1 }))],
    evolve: [
      evolveWith(deposited, () => {
        throw new TypeError('cannot fold')
      }),
    ],
  })
  await using world = new World([picky])
  expect(await failureOf(() => give(world, 1))).toMatchObject({ message: 'cannot fold' })
  expect(await amountsOf(world)).toEqual([])
})

test('commands in line are carried out before the bus is drained', async () => {
  await using world = new World([plain])
  const done = [1, 1, 1].map((amount) => give(world, amount))
  await world.commands.drain()
  expect(await amountsOf(world)).toEqual([1, 2, 4])
  await Promise.all(done)
})

test('a handler that sets its date meets the same time when it decides again', async () => {
  const times: number[] = []
  const impatient = defineAggregate<number>('account', {
    initial: () => 0,
    decide: [
      decideOn(deposit, (balance, _, { now }) => {
        times.push(now.getTime())
        now.setFullYear(2100)
        if (balance > 0) throw new RangeError('closed')
        return deposited.create({ amount: 1 })
      }),
    ],
    evolve: [evolveWith(deposited, (balance, { amount }) => balance + amount)],
  })
  const today = new Date('2024-01-01T00:00:00Z')
  await using world = new World([impatient], { clock: { now: () => today } })
  await give(world, 1)
  expect(await failureOf(() => give(world, 1))).toBeInstanceOf(RangeError)
  expect(times).toEqual([1704067200000, 1704067200000, 1704067200000])
})

const added = defineEvent<{ readonly amount: number }>('sums.added')
const counted = defineEvent('sums.counted')
const add = defineCommand<{ id: string; amount: number }>('sums.add', {
  aggregateId: ({ id }) => id,
})

/** Its folds go both ways: one changes the state it is given, the other one returns a new one. */
function defineSums(seen: number[][], count: (times: number) => number) {
  return defineAggregate('sums', {
    initial: () => ({ amounts: [] as number[], times: 0 }),
    decide: (decideOn) => [
      decideOn(add, ({ amounts }, { amount }) => {
        seen.push([...amounts])
        return amounts.includes(amount) ? [] : [added.create({ amount }), counted.create({})]
      }),
    ],
    evolve: (evolveWith) => [
      evolveWith(added, (state, { amount }) => {
        state.amounts.push(amount)
        return state
      }),
      evolveWith(counted, (state) => ({ ...state, times: count(state.times) })),
    ],
  })
}

test('a decision that lost leaves nothing behind, whatever its folds do with the state', async () => {
  const seen: number[][] = []
  const sums = defineSums(seen, (times) => times + 1)
  await using world = new World([sums])
  await using other = world.another([sums])
  await world.commands.execute(add, { id: 's1', amount: 1 })
  await other.commands.execute(add, { id: 's1', amount: 2 })
  await world.commands.execute(add, { id: 's1', amount: 3 })
  await world.commands.execute(add, { id: 's1', amount: 4 })
  expect(seen.slice(-2)).toEqual([
    [1, 2],
    [1, 2, 3],
  ])
})

test('a fold that fails fails its command, and what it did until then is gone', async () => {
  const seen: number[][] = []
  const sums = defineSums(seen, (times) => {
    if (times === 1) throw new RangeError('one is enough')
    return times + 1
  })
  await using world = new World([sums])
  await world.commands.execute(add, { id: 's1', amount: 1 })
  const failed = await failureOf(() => world.commands.execute(add, { id: 's1', amount: 2 }))
  expect(failed).toEqual(new RangeError('one is enough'))
  await failureOf(() => world.commands.execute(add, { id: 's1', amount: 3 }))
  expect(seen).toEqual([[], [1], [1], [1]])
})
