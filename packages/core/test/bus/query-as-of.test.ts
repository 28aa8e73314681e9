import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import { defineQueryHandler, type PointInTime, PointInTimeError, Query } from '../../src/index.ts'
import { defineAccount, deposit, open } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { type Balance, balances, byAccount } from '../fixtures/balances.ts'
import { CountDeposits, getBalance, GetBalance, running, type View } from '../fixtures/queries.ts'
import { World, type WorldOptions } from '../fixtures/world.ts'

describe('a query as of', () => {
  const days = ['2024-01-01', '2024-02-01', '2024-03-01'].map((day) => new Date(day))

  /** Opened in January, three deposits of 5, 7 and 9 in February, one of 11 in March. */
  async function history(options: WorldOptions = {}): Promise<World> {
    let month = 0
    const world = await running({ ...options, clock: { now: () => days[month] as Date } })
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    month = 1
    await world.commands.execute(deposit, { id: 'a1', amounts: [5, 7] })
    await world.commands.execute(deposit, { id: 'a1', amounts: [9] })
    month = 2
    await world.commands.execute(deposit, { id: 'a1', amounts: [11] })
    await world.settle('by-account')
    await world.settle('deposit-count')
    return world
  }

  const points: [string, PointInTime, number | undefined, number][] = [
    ['its first event', { position: 0n }, 0, 0],
    ['a position within an append', { position: 1n }, 5, 1],
    ['a position', { position: 3n }, 21, 3],
    ['a position behind the end', { position: 999n }, 32, 4],
    ['a date before everything', { date: new Date('2023-12-31') }, undefined, 0],
    ['a date between events', { date: new Date('2024-01-15') }, 0, 0],
    ['the very date of events', { date: new Date('2024-02-01') }, 21, 3],
    ['a date in the future', { date: new Date('2099-01-01') }, 32, 4],
  ]
  test.each(points)(
    '%s, with history and without, gives what was then',
    async (_name, asOf, balance, count) => {
      await using world = await history()
      expect(await world.queries.query(new CountDeposits(), { asOf })).toBe(count)
      expect(await world.queries.query(new GetBalance('a1'), { asOf })).toBe(balance)
    },
  )

  test('a revision, or an invalid date, is refused', async () => {
    await using world = await history()
    const byRevision = world.queries.query(new GetBalance('a1'), { asOf: { revision: 1n } })
    await expect(byRevision).rejects.toThrow(PointInTimeError)
    await expect(byRevision).rejects.toThrow(
      'Read model "balances" cannot be seen at revision 1: a revision belongs to one stream, a read model to many; use a position or a date.',
    )
    const never = world.queries.query(new CountDeposits(), { asOf: { date: new Date(NaN) } })
    await expect(never).rejects.toThrow('cannot be seen at an invalid date')
    for (const asOf of [null, 0, 0n, ''])
      await expect(
        world.queries.query(new GetBalance('a1'), { asOf: asOf as never }),
      ).rejects.toThrow(PointInTimeError)
  })

  test('without history drops what it folded again, also when the handler or the fold fails', async () => {
    const created: string[] = []
    const dropped: string[] = []
    let isBroken = false
    const readModels = around(new InMemoryReadModelStore(), {
      create: (create, generation, models) => {
        created.push(`${generation.projection} ${generation.number}`)
        return create(generation, models)
      },
      drop: (drop, generation, models) => {
        dropped.push(`${generation.projection} ${generation.number}`)
        return drop(generation, models)
      },
      commit: (commit, what) =>
        isBroken ? Promise.reject(new TypeError('disk full')) : commit(what),
    })
    class Fail extends Query<number> {}
    const fail = defineQueryHandler(Fail, {
      reads: [balances],
      execute: async (_query, view: View<Balance>) => {
        await view.countDocuments()
        throw new RangeError('no answer')
      },
    })
    await using world = new World([defineAccount(), byAccount, getBalance, fail], {
      readModels,
      past: { keepMs: 0 },
    })
    await world.projections.start()
    const { position } = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    await world.projections.stop()
    created.length = 0
    const asOf = { position: position! }
    expect(await world.queries.query(new GetBalance('a1'), { asOf })).toBe(0)
    await expect(world.queries.query(new Fail(), { asOf })).rejects.toThrow('no answer')
    isBroken = true
    await expect(world.queries.query(new GetBalance('a1'), { asOf })).rejects.toThrow('disk full')
    expect(created).toHaveLength(3)
    expect(dropped).toEqual(created)
  })

  test('without history answers although what it folded cannot be dropped, and logs it', async () => {
    const readModels = around(new InMemoryReadModelStore(), {
      drop: () => Promise.reject(new TypeError('away')),
    })
    await using world = await history({ readModels, past: { keepMs: 0 } })
    expect(await world.queries.query(new GetBalance('a1'), { asOf: { position: 1n } })).toBe(5)
    expect(world.log.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn The documents of a past query could not be dropped.',
    ])
  })

  test('changes nothing of what is live', async () => {
    await using world = await history()
    await world.queries.query(new GetBalance('a1'), { asOf: { position: 1n } })
    expect(await world.queries.query(new GetBalance('a1'))).toBe(32)
    expect(await world.readModels.generations('by-account')).toMatchObject({ revision: 1 })
  })
})
