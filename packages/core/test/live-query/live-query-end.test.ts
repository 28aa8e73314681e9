import { describe, expect, test } from 'vitest'
import {
  defineQueryHandler,
  LiveQueriesClosedError,
  ProjectionLagError,
  Query,
} from '../../src/index.ts'
import { deposit, open } from '../fixtures/accounts.ts'
import { type Balance, balances } from '../fixtures/balances.ts'
import { failureOf } from '../fixtures/collect.ts'
import { LiveWorld, Reader } from '../fixtures/live-world.ts'
import { definitions, GetBalance, type View } from '../fixtures/queries.ts'
import { until } from '../fixtures/until.ts'

async function running(): Promise<LiveWorld> {
  const world = new LiveWorld(definitions)
  await world.projections.start()
  return world
}

describe('a live query after a command', () => {
  test('starts with what the command did', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    for (let sum = 1; sum <= 10; sum += 1) {
      const after = await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
      await using live = world.live.subscribe(new GetBalance('a1'), { after })
      expect(await new Reader(live).next()).toBe(sum)
    }
  })

  test('throws where the projection takes too long', async () => {
    await using world = new LiveWorld(definitions)
    const after = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const reader = new Reader(world.live.subscribe(new GetBalance('a1'), { after, timeoutMs: 5 }))
    await expect(reader.next()).rejects.toThrow(ProjectionLagError)
    expect(await reader.next()).toBe('end')
  })

  test('can be closed while it waits', async () => {
    await using world = new LiveWorld(definitions)
    const after = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const reader = new Reader(world.live.subscribe(new GetBalance('a1'), { after }))
    const next = reader.next()
    await reader.close()
    expect(await next).toBe('end')
  })
})

describe('a live query that ends', () => {
  test('ends for a reader who waits, when it is closed', async () => {
    await using world = await running()
    const reader = world.read(new GetBalance('a1'))
    await reader.next()
    const next = reader.next()
    await reader.close()
    await reader.close()
    expect(await next).toBe('end')
    expect(await reader.next()).toBe('end')
  })

  test('ends without an error when its signal is raised, before or later', async () => {
    await using world = await running()
    const ending = new AbortController()
    const reader = new Reader(world.live.subscribe(new GetBalance('a1'), { signal: ending.signal }))
    await reader.next()
    const next = reader.next()
    ending.abort()
    expect(await next).toBe('end')
    const late = new Reader(world.live.subscribe(new GetBalance('a1'), { signal: ending.signal }))
    expect(await late.next()).toBe('end')
    await Promise.all([reader.close(), late.close()])
    expect(world.live.status().subscribers).toBe(0)
  })

  test('ends with all others when live queries are closed, and no other one starts', async () => {
    await using world = await running()
    const readers = [world.read(new GetBalance('a1')), world.read(new GetBalance('a2'))]
    for (const reader of readers) await reader.next()
    const nexts = readers.map((reader) => reader.next())
    await world.live.close()
    expect(await Promise.all(nexts)).toEqual(['end', 'end'])
    expect(() => world.live.subscribe(new GetBalance('a1'))).toThrow(LiveQueriesClosedError)
    expect(world.live.status()).toMatchObject({ subscribers: 0, state: 'idle' })
  })

  test('throws what its handler throws, once, and leaves the others alone', async () => {
    class Unlucky extends Query<number> {}
    const unlucky = defineQueryHandler(Unlucky, {
      reads: [balances],
      execute: async (_query, view: View<Balance>) => {
        const count = await view.countDocuments()
        if (count > 0) throw new RangeError('too many')
        return count
      },
    })
    await using world = new LiveWorld([...definitions, unlucky])
    await world.projections.start()
    const failing = world.read(new Unlucky())
    const other = world.read(new GetBalance('a1'))
    expect(await failing.next()).toBe(0)
    expect(await other.next()).toBeUndefined()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await expect(failing.next()).rejects.toThrow(new RangeError('too many'))
    expect(await failing.next()).toBe('end')
    expect(await other.next()).toBe(0)
    expect(world.live.status()).toMatchObject({ subscribers: 1, failures: 1 })
  })

  test('keeps an error until somebody reads', async () => {
    class Broken extends Query<number> {}
    const broken = defineQueryHandler(Broken, {
      reads: [balances],
      execute: () => Promise.reject(new RangeError('never')),
    })
    await using world = new LiveWorld([...definitions, broken])
    const reader = world.read(new Broken())
    await until(() => world.live.status().subscribers === 0)
    expect(await failureOf(() => reader.next())).toEqual(new RangeError('never'))
    expect(await reader.next()).toBe('end')
  })
})
