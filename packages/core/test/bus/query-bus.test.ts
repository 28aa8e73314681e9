import { describe, expect, test } from 'vitest'
import {
  defineProjection,
  defineQueryHandler,
  on,
  ProjectionHaltedError,
  ProjectionLagError,
  Query,
  UnknownQueryError,
} from '../../src/index.ts'
import {
  defineAccount,
  deposit,
  deposited,
  note,
  noted,
  open,
  opened,
} from '../fixtures/accounts.ts'
import { type Balance, balances, byAccount } from '../fixtures/balances.ts'
import { failureOf } from '../fixtures/collect.ts'
import {
  type Counter,
  counters,
  definitions,
  getBalance,
  GetBalance,
  running,
  type View,
} from '../fixtures/queries.ts'
import { signal, until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

describe('a query', () => {
  test('is answered from the read models as they are', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.commands.execute(deposit, { id: 'a1', amounts: [5] })
    await world.settle('by-account')
    expect(await world.queries.query(new GetBalance('a1'))).toBe(5)
    expect(await world.queries.query(new GetBalance('nobody'))).toBeUndefined()
  })

  test('gets its views in the order of its reads', async () => {
    class Both extends Query<string> {}
    const both = defineQueryHandler(Both, {
      reads: [counters, balances],
      execute: async (_query, first: View<Counter>, second: View<Balance>) =>
        `${await first.countDocuments()} counter, ${await second.countDocuments()} balances`,
    })
    await using world = new World([...definitions, both])
    await world.projections.start()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.commands.execute(open, { id: 'a2', owner: 'Bob' })
    const after = await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
    expect(await world.queries.query(new Both(), { after })).toBe('1 counter, 2 balances')
  })

  test('that nobody answers is refused with the known ones', async () => {
    class Lost extends Query<number> {}
    await using world = await running()
    await expect(world.queries.query(new Lost())).rejects.toThrow(UnknownQueryError)
    await expect(world.queries.query(new Lost())).rejects.toThrow(
      'No handler answers query Lost. Add a @QueryHandler for it and list it in definitions; known: GetBalance, CountDeposits.',
    )
  })

  test('asked many times at once before anything ran is answered', async () => {
    await using world = new World(definitions)
    const answers = Array.from({ length: 5 }, () => world.queries.query(new GetBalance('a1')))
    expect(await Promise.all(answers)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('a query after a command', () => {
  test('sees what the command did, each time', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    for (let sum = 1; sum <= 20; sum += 1) {
      const after = await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
      expect(await world.queries.query(new GetBalance('a1'), { after })).toBe(sum)
    }
  })

  test('waits for the last event its projection asks for, also where others follow it', async () => {
    await using world = await running()
    const appended = await world.append(
      'account-a1',
      opened.create({ owner: 'Ada' }),
      deposited.create({ amount: 5 }),
      noted.create({ text: 'first' }),
      noted.create({ text: 'second' }),
    )
    const after = {
      commandId: 'c1',
      stream: (await world.commands.repositoryOf('account').load('a1')).stream,
      revision: 3n,
      position: appended,
      events: [
        opened.create({ owner: 'Ada' }),
        deposited.create({ amount: 5 }),
        noted.create({ text: 'first' }),
        noted.create({ text: 'second' }),
      ],
      isRepeated: false,
    }
    expect(await world.queries.query(new GetBalance('a1'), { after, timeoutMs: 2_000 })).toBe(5)
  })

  test('does not wait for a command without an event for its projection', async () => {
    await using world = new World(definitions)
    const noting = await world.commands.execute(note, { id: 'a1', text: 'x' })
    const nothing = await world.commands.execute(deposit, { id: 'a1', amounts: [] })
    for (const after of [noting, nothing])
      expect(
        await world.queries.query(new GetBalance('a1'), { after, timeoutMs: 1 }),
      ).toBeUndefined()
  })

  test('that came from another process, where its events lost their classes, waits all the same', async () => {
    await using world = new World(definitions)
    const done = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const after = { ...done, events: done.events.map((event) => ({ ...event })) }
    const asking = world.queries.query(new GetBalance('a1'), { after })
    await world.projections.start()
    expect(await asking).toBe(0)
  })

  test('ends with the lag when the projection takes too long', async () => {
    await using world = new World(definitions)
    const after = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const asking = failureOf(() =>
      world.queries.query(new GetBalance('a1'), { after, timeoutMs: 5 }),
    )
    expect(await asking).toBeInstanceOf(ProjectionLagError)
    expect(await asking).toMatchObject({ projection: 'by-account', wanted: 0n, timeoutMs: 5 })
  })

  test('is answered with what is there when it takes too long, where that is asked for', async () => {
    await using world = new World([defineAccount(), byAccount, getBalance])
    const after = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const stale = { after, timeoutMs: 5, onTimeout: 'serve-stale' } as const
    expect(await world.queries.query(new GetBalance('a1'), stale)).toBeUndefined()
  })

  test('ends with the reason when the projection is halted', async () => {
    const failing = defineProjection('failing', {
      into: balances,
      onError: 'halt',
      handlers: [
        on(opened, balances, () => {
          throw new RangeError('unlucky')
        }),
      ],
    })
    await using world = new World([defineAccount(), failing, getBalance], {
      tuning: { retryDelaysMs: [] },
    })
    await world.projections.start()
    const after = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const asking = failureOf(() => world.queries.query(new GetBalance('a1'), { after }))
    expect(await asking).toBeInstanceOf(ProjectionHaltedError)
  })

  test('sees it also right after another process has switched generations', async () => {
    await using world = await running()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    expect(await world.queries.query(new GetBalance('a1'))).toBe(0)
    await using other = world.another(definitions)
    await other.projections.rebuild('by-account')
    const after = await world.commands.execute(deposit, { id: 'a1', amounts: [7] })
    await until(() => world.projections.status()[0]?.generation?.number === 2)
    expect(await world.queries.query(new GetBalance('a1'), { after })).toBe(7)
  })
})

test('readers follow a switch also when the clock goes backwards', async () => {
  let now = new Date('2024-06-01')
  await using world = await running({ clock: { now: () => now } })
  await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
  await world.settle('by-account')
  expect(await world.queries.query(new GetBalance('a1'))).toBe(0)
  now = new Date('2024-01-01')
  await using other = world.another(definitions)
  await other.projections.rebuild('by-account')
  await other.projections.rebuild('by-account')
  const read = signal()
  const timer = setInterval(() => {
    void world.queries.query(new GetBalance('a1')).then((balance) => {
      if (balance === 0) read.raise()
    })
  }, 20)
  await read.raised
  clearInterval(timer)
})

test('what is no query is refused as such', async () => {
  await using world = new World([])
  const asked = world.queries.query(undefined as never)
  await expect(asked).rejects.toThrow(
    'No handler answers undefined, which is no instance of a query.',
  )
})
