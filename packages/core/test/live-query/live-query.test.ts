import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  defineQueryHandler,
  LiveQueryIteratedError,
  Query,
  UnknownQueryError,
} from '../../src/index.ts'
import { deposit, open } from '../fixtures/accounts.ts'
import { type Balance, balances } from '../fixtures/balances.ts'
import { LiveWorld, type LiveWorldOptions } from '../fixtures/live-world.ts'
import { definitions, GetBalance, type View } from '../fixtures/queries.ts'
import { signal, until } from '../fixtures/until.ts'

/** All balances by account. */
class ListBalances extends Query<Record<string, number>> {}
const listBalances = defineQueryHandler(ListBalances, {
  reads: [balances],
  execute: async (_query, view: View<Balance>) => {
    const found = await view.find().sort({ _id: 1 }).toArray()
    return Object.fromEntries(found.map(({ _id, balance }) => [_id, balance]))
  },
})

async function running(options: LiveWorldOptions = {}): Promise<LiveWorld> {
  const world = new LiveWorld([...definitions, listBalances], options)
  await world.projections.start()
  return world
}

describe('a live query', () => {
  test('gives the result there is, and then each change', async () => {
    await using world = await running()
    const reader = world.read(new GetBalance('a1'))
    expect(await reader.next()).toBeUndefined()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await reader.next()).toBe(0)
    await world.commands.execute(deposit, { id: 'a1', amounts: [5] })
    expect(await reader.next()).toBe(5)
  })

  test('starts with what is there already', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new ListBalances())
    expect(await reader.next()).toEqual({ a1: 0 })
    await world.commands.execute(open, { id: 'a2', owner: 'Bob' })
    expect(await reader.next()).toEqual({ a1: 0, a2: 0 })
  })

  test('is read with for await, and closed by leaving the loop', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const seen: unknown[] = []
    for await (const balance of world.live.subscribe(new GetBalance('a1'))) {
      if (balance === undefined) continue
      seen.push(balance)
      if (balance >= 2) break
      await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
    }
    expect(seen).toEqual([0, 1, 2])
    expect(world.live.status()).toMatchObject({ subscribers: 0, state: 'idle' })
  })

  test('does not give an equal result again', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new ListBalances())
    expect(await reader.next()).toEqual({ a1: 0 })
    const next = reader.next()
    await world.commands.execute(deposit, { id: 'a1', amounts: [0] })
    await until(() => world.live.status().runs === 2)
    await world.commands.execute(deposit, { id: 'a1', amounts: [3] })
    expect(await next).toEqual({ a1: 3 })
    expect(world.live.status()).toMatchObject({ runs: 3, results: 2, failures: 0 })
  })

  test('compares with the result as it was, whatever its reader made of it', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new ListBalances())
    const first = (await reader.next()) as Record<string, number>
    first['a1'] = 3
    await world.commands.execute(deposit, { id: 'a1', amounts: [3] })
    expect(await reader.next()).toEqual({ a1: 3 })
  })

  test('gives a slow reader the last result and not those between', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new GetBalance('a1'))
    expect(await reader.next()).toBe(0)
    for (let count = 0; count < 20; count += 1) {
      await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
      await world.settle('by-account')
      await setImmediate()
    }
    expect(await reader.next()).toBe(20)
    // One result was made ready while nobody read, and one for the reader who came.
    expect(world.live.status().runs).toBe(3)
  })

  test('gives a reader nothing where the result has become what it was', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new GetBalance('a1'))
    expect(await reader.next()).toBe(0)
    await world.commands.execute(deposit, { id: 'a1', amounts: [5] })
    await until(() => world.live.status().runs === 2)
    await world.commands.execute(deposit, { id: 'a1', amounts: [-5] })
    await world.settle('by-account')
    const next = reader.next()
    await until(() => world.live.status().runs === 3)
    await world.commands.execute(deposit, { id: 'a1', amounts: [7] })
    expect(await next).toBe(7)
  })

  test('sees a change that comes while its handler is at work', async () => {
    const reading = signal()
    const goOn = signal()
    class Slow extends Query<number | undefined> {}
    const slow = defineQueryHandler(Slow, {
      reads: [balances],
      execute: async (_query, view: View<Balance>) => {
        const balance = (await view.findOne({ _id: 'a1' }))?.balance
        reading.raise()
        await goOn.raised
        return balance
      },
    })
    await using world = new LiveWorld([...definitions, slow])
    await world.projections.start()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new Slow())
    await reading.raised
    await world.commands.execute(deposit, { id: 'a1', amounts: [9] })
    await world.settle('by-account')
    goOn.raise()
    expect(await reader.next()).toBe(0)
    expect(await reader.next()).toBe(9)
  })

  test('does not run again for what changes elsewhere while its handler is at work', async () => {
    const reading = signal()
    const goOn = signal()
    class Slow extends Query<number | undefined> {}
    const slow = defineQueryHandler(Slow, {
      reads: [balances],
      execute: async (_query, view: View<Balance>) => {
        const balance = (await view.findOne({ _id: 'a1' }))?.balance
        reading.raise()
        await goOn.raised
        return balance
      },
    })
    await using world = new LiveWorld([...definitions, slow])
    await world.projections.start()
    const reader = world.read(new Slow())
    await reading.raised
    await world.commands.execute(open, { id: 'a2', owner: 'Bob' })
    await world.settle('by-account')
    goOn.raise()
    expect(await reader.next()).toBeUndefined()
    const next = reader.next()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await next).toBe(0)
    expect(world.live.status().runs).toBe(2)
  })

  test('runs its handler once for all changes that come while it is at work', async () => {
    const gate = signal()
    let runs = 0
    class Gated extends Query<number> {}
    const gated = defineQueryHandler(Gated, {
      reads: [balances],
      execute: async (_query, view: View<Balance>) => {
        runs += 1
        const count = await view.countDocuments()
        if (runs === 2) await gate.raised
        return count
      },
    })
    await using world = new LiveWorld([...definitions, gated])
    await world.projections.start()
    const reader = world.read(new Gated())
    expect(await reader.next()).toBe(0)
    await world.commands.execute(open, { id: 'a0', owner: 'Ada' })
    await until(() => runs === 2)
    for (const id of ['a1', 'a2', 'a3', 'a4']) {
      await world.commands.execute(open, { id, owner: 'Ada' })
      await world.settle('by-account')
    }
    gate.raise()
    expect(await reader.next()).toBe(1)
    expect(await reader.next()).toBe(5)
    expect(runs).toBe(3)
  })

  test('runs again only for the documents it read by id', async () => {
    await using world = await running()
    for (const id of ['a1', 'a2']) await world.commands.execute(open, { id, owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new GetBalance('a1'))
    expect(await reader.next()).toBe(0)
    await world.commands.execute(deposit, { id: 'a2', amounts: [1] })
    await world.settle('by-account')
    await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
    expect(await reader.next()).toBe(1)
    expect(world.live.status().runs).toBe(2)
  })

  test('answers readers that ask several times at once in their order', async () => {
    await using world = await running()
    const reader = world.read(new GetBalance('a1'))
    const results = [reader.next(), reader.next(), reader.next()]
    expect(await results[0]).toBeUndefined()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await results[1]).toBe(0)
    await reader.close()
    expect(await results[2]).toBe('end')
  })

  test('is iterated once', async () => {
    await using world = await running()
    await using live = world.live.subscribe(new GetBalance('a1'))
    live[Symbol.asyncIterator]()
    expect(() => live[Symbol.asyncIterator]()).toThrow(LiveQueryIteratedError)
    expect(() => live[Symbol.asyncIterator]()).toThrow(
      'The live query GetBalance is iterated already. Its results go to one reader; subscribe once for each.',
    )
  })

  test('that nobody answers is refused at once', async () => {
    class Lost extends Query<number> {}
    await using world = await running()
    expect(() => world.live.subscribe(new Lost())).toThrow(UnknownQueryError)
    expect(world.live.status().subscribers).toBe(0)
  })
})
