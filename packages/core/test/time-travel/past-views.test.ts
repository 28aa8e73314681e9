import { InMemoryEventStore, InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  type Clock,
  defineProjection,
  defineQueryHandler,
  defineReadModel,
  EventStoreClosedError,
  type Generation,
  on,
  type PastProgress,
  PastTooLargeError,
  Query,
  type ReadModelStore,
  streamName,
} from '../../src/index.ts'
import { defineAccount, deposit, deposited, open, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { type Balance, balances } from '../fixtures/balances.ts'
import { getBalance, GetBalance, type View } from '../fixtures/queries.ts'
import { World, type WorldOptions } from '../fixtures/world.ts'

const byAccount = defineProjection('by-account', {
  into: balances,
  handlers: [
    on(opened, balances, ({ owner }, _document, { aggregateId: _id }) => ({
      _id,
      owner,
      balance: 0,
    })),
    on(deposited, balances, ({ amount }, document) =>
      document ? { ...document, balance: document.balance + amount } : undefined,
    ),
  ],
})

class ListBalances extends Query<readonly (readonly [string, number])[]> {}
const listBalances = defineQueryHandler(ListBalances, {
  reads: [balances],
  execute: async (_query, view: View<Balance>) => {
    const found = await view.find().sort({ _id: 1 }).toArray()
    return found.map(({ _id, balance }) => [_id, balance] as const)
  },
})

class SumOf extends Query<number> {
  constructor(readonly ids: readonly string[]) {
    super()
  }
}
const sumOf = defineQueryHandler(SumOf, {
  reads: [balances],
  execute: async ({ ids }, view: View<Balance>) => {
    let sum = 0
    for (const id of ids) sum += (await view.find({ _id: id }).toArray())[0]?.balance ?? 0
    return sum
  },
})

/** Notes which temporary generations are created and dropped, and which documents are written. */
function watched(): { store: ReadModelStore; open: Generation[]; written: string[] } {
  const open: Generation[] = []
  const written: string[] = []
  const store = around(new InMemoryReadModelStore(), {
    create: (create, generation, models) => {
      if (generation.projection.endsWith('~past')) open.push(generation)
      return create(generation, models)
    },
    drop: (drop, generation, models) => {
      const at = open.findIndex(({ number }) => number === generation.number)
      if (at >= 0) open.splice(at, 1)
      return drop(generation, models)
    },
    commit: (commit, what) => {
      if (what.generation.projection.endsWith('~past'))
        written.push(...what.writes.map(({ id }) => id))
      return commit(what)
    },
  })
  return { store, open, written }
}

/** Accounts a1 to a9 with a deposit of 1 to 9, and a second one of 100 each. */
async function nineAccounts(options: WorldOptions = {}): Promise<World> {
  const world = new World([defineAccount(), byAccount, getBalance, listBalances, sumOf], options)
  for (let n = 1; n < 10; n += 1) {
    await world.commands.execute(open, { id: `a${n}`, owner: 'Ada' })
    await world.commands.execute(deposit, { id: `a${n}`, amounts: [n] })
  }
  for (let n = 1; n < 10; n += 1)
    await world.commands.execute(deposit, { id: `a${n}`, amounts: [100] })
  return world
}

const afterFirst = { position: 17n }

describe('a read model without history, as of a point', () => {
  test('is folded for the documents a query asks for by id, and no others', async () => {
    const { store, written } = watched()
    await using world = await nineAccounts({ readModels: store })
    expect(await world.queries.query(new GetBalance('a3'), { asOf: afterFirst })).toBe(3)
    expect(written).toEqual(['a3'])
    const sum = new SumOf(['a1', 'a2', 'a3', 'a4'])
    expect(await world.queries.query(sum, { asOf: afterFirst })).toBe(10)
    expect(written.toSorted()).toEqual(['a1', 'a2', 'a3', 'a4'])
  })

  test('is folded as a whole for anything else, and for very many documents', async () => {
    const { store, written } = watched()
    await using world = await nineAccounts({ readModels: store })
    const all = await world.queries.query(new ListBalances(), { asOf: afterFirst })
    expect(all.map(([, balance]) => balance)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(written).toHaveLength(9)
    const sum = new SumOf(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9'])
    expect(await world.queries.query(sum, { asOf: afterFirst })).toBe(45)
  })

  test('is folded out of the log where streams were cut, deleted and begun again, or ended', async () => {
    const eventStore = new InMemoryEventStore()
    await using world = await nineAccounts({ eventStore })
    const stream = (id: string) => streamName('account', id)
    await eventStore.setStreamSettings(stream('a1'), { maxCount: 1 })
    await eventStore.deleteStream(stream('a2'))
    await world.commands.execute(deposit, { id: 'a2', amounts: [1000] })
    await eventStore.tombstoneStream(stream('a3'))
    const asOf = { position: 27n }
    expect(await world.queries.query(new GetBalance('a1'), { asOf })).toBe(101)
    expect(await world.queries.query(new GetBalance('a2'), { asOf })).toBe(1102)
    expect(await world.queries.query(new GetBalance('a3'), { asOf })).toBe(103)
    expect(await world.queries.query(new SumOf(['a4', 'a1']), { asOf })).toBe(205)
  })

  test('is folded as a whole where documents are not those of one aggregate', async () => {
    const byOwner = defineProjection('by-owner', {
      into: balances,
      handlers: [
        on(
          opened,
          balances,
          (event, found) => found ?? { _id: event.owner, owner: '', balance: 0 },
          {
            key: ({ owner }) => owner,
          },
        ),
        on(
          deposited,
          balances,
          ({ amount }, found) => {
            const before = found ?? { _id: 'Ada', owner: '', balance: 0 }
            return { ...before, balance: before.balance + amount }
          },
          { key: () => 'Ada' },
        ),
      ],
    })
    await using world = new World([defineAccount(), byOwner, getBalance])
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.commands.execute(deposit, { id: 'a1', amounts: [1, 2] })
    const asOf = { position: 1n }
    expect(await world.queries.query(new GetBalance('Ada'), { asOf })).toBe(1)
  })

  test('is folded once for queries of the same point, and dropped when that is over', async () => {
    const { store, open, written } = watched()
    const world = await nineAccounts({ readModels: store })
    const asked = Array.from({ length: 5 }, () =>
      world.queries.query(new ListBalances(), { asOf: afterFirst }),
    )
    await Promise.all(asked)
    expect(written).toHaveLength(9)
    expect(open).toHaveLength(1)
    await world[Symbol.asyncDispose]()
    expect(open).toEqual([])
    expect(await store.generations('by-account~past')).toMatchObject({ stored: [] })
  })

  test('is folded anew at a point that events may still be added to', async () => {
    const { store, open } = watched()
    await using world = await nineAccounts({ readModels: store })
    const asOf = { date: new Date('2999-01-01') }
    expect(await world.queries.query(new GetBalance('a1'), { asOf })).toBe(101)
    await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
    expect(await world.queries.query(new GetBalance('a1'), { asOf })).toBe(102)
    expect(open).toEqual([])
  })

  test('is folded apart for each of many queries of one moment', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2024-01-01') })
    onTestFinished(() => void vi.useRealTimers())
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    onTestFinished(() => void vi.restoreAllMocks())
    const { store, open } = watched()
    await using world = await nineAccounts({ readModels: store })
    const asOf = { date: new Date('2999-01-01') }
    const asked = Array.from({ length: 10 }, () =>
      world.queries.query(new ListBalances(), { asOf }),
    )
    for (const answer of await Promise.all(asked)) expect(answer).toHaveLength(9)
    expect(open).toEqual([])
  })

  test('is kept as long as a past is held, and dropped with it', async () => {
    const { store, open } = watched()
    await using world = await nineAccounts({ readModels: store })
    const release = world.queries.holdPast(afterFirst)
    await world.queries.query(new ListBalances(), { asOf: afterFirst })
    expect(open).toHaveLength(1)
    await release()
    await release()
    expect(open).toEqual([])
  })

  test('tells how far the fold is, and refuses more events than it may', async () => {
    await using world = await nineAccounts({ past: { mostEvents: 18 } })
    const reports: PastProgress[] = []
    await world.queries.query(new ListBalances(), {
      asOf: afterFirst,
      onProgress: (progress) => reports.push(progress),
    })
    expect(reports.at(-1)).toEqual({ projection: 'by-account', events: 18, position: 17n })
    const tooMuch = world.queries.query(new ListBalances(), { asOf: { position: 18n } })
    await expect(tooMuch).rejects.toThrow(PastTooLargeError)
    await expect(tooMuch).rejects.toThrow(
      'Projection "by-account" has more than 18 events up to position 18',
    )
    expect(await world.queries.query(new GetBalance('a1'), { asOf: { position: 26n } })).toBe(101)
  })

  test('that a process which died has folded is dropped by another one, when its claim has ended', async () => {
    const { store, open } = watched()
    let now = new Date('2024-01-01T00:00:00Z')
    const clock: Clock = { now: () => now }
    const dead = await nineAccounts({ readModels: store, clock })
    await dead.queries.query(new ListBalances(), { asOf: afterFirst })
    await using next = dead.another([defineAccount(), byAccount, listBalances], { clock })
    await next.queries.sweepPast()
    expect(open).toHaveLength(1)
    now = new Date('2024-01-01T00:06:00Z')
    await next.queries.sweepPast()
    expect(open).toEqual([])
    await dead[Symbol.asyncDispose]()
  })
})

test('what is being folded when the application closes is dropped, and not answered from', async () => {
  const { store, open } = watched()
  let goOn = (): void => undefined
  let isCommitting = (): void => undefined
  const gate = new Promise<void>((resolve) => (goOn = resolve))
  const begun = new Promise<void>((resolve) => (isCommitting = resolve))
  const readModels = around(store, {
    commit: async (commit, what) => {
      isCommitting()
      await gate
      return commit(what)
    },
  })
  await using world = await nineAccounts({ readModels })
  const asked = world.queries.query(new ListBalances(), { asOf: afterFirst })
  const failed = expect(asked).rejects.toThrow(EventStoreClosedError)
  await begun
  const closing = world.queries.close()
  goOn()
  await closing
  expect(open).toEqual([])
  await failed
  const later = world.queries.query(new ListBalances(), { asOf: afterFirst })
  await expect(later).rejects.toThrow(EventStoreClosedError)
})

test('the end of a fold that failed is met by everybody who waits for it, and not kept', async () => {
  let isBroken = true
  const store = around(new InMemoryReadModelStore(), {
    commit: (commit, what) =>
      isBroken ? Promise.reject(new TypeError('disk full')) : commit(what),
  })
  await using world = await nineAccounts({ readModels: store })
  const ask = () => world.queries.query(new ListBalances(), { asOf: afterFirst })
  const failed = await Promise.allSettled([ask(), ask()])
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isBroken = false
  expect(await ask()).toHaveLength(9)
})

test('a history that does not reach back to a point is folded again there', async () => {
  const kept = defineReadModel<Balance>('kept_balances', { history: { keepVersions: 1 } })
  const projection = defineProjection('kept', {
    into: kept,
    handlers: [
      on(deposited, kept, ({ amount }, found, { aggregateId: _id }) => ({
        _id,
        owner: '',
        balance: (found?.balance ?? 0) + amount,
      })),
    ],
  })
  const handler = defineQueryHandler(GetBalance, {
    reads: [kept],
    execute: async ({ id }, view: View<Balance>) => (await view.findOne({ _id: id }))?.balance,
  })
  const { store, written } = watched()
  const readModels = around(store, {
    reaches: async (_reaches, _generation, _model, at) => 'position' in at && at.position > 2n,
  })
  await using world = new World([defineAccount(), projection, handler], { readModels })
  await world.projections.start()
  for (const amount of [1, 2, 4, 8])
    await world.commands.execute(deposit, { id: 'a1', amounts: [amount] })
  const ask = (position: bigint) =>
    world.queries.query(new GetBalance('a1'), { asOf: { position } })
  expect([await ask(3n), written]).toEqual([15, []])
  expect([await ask(1n), written]).toEqual([3, ['a1']])
})
