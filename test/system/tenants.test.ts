import {
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  EventHandler,
  type EventHandlerContext,
  evolveWith,
  On,
} from 'varve'
import { InMemoryEventStore } from '@varve/memory'
import { describe, expect, it } from 'vitest'
import {
  Account,
  Ask,
  ask,
  definitions,
  Deposit,
  fill,
  ListOwners,
  type Look,
  Open,
  Opened,
  openWith,
} from './tenants/bank-of-tenants.ts'

const heard: string[] = []

@EventHandler('bonus', { delivery: 'idempotent' })
class Bonus {
  @On(Opened)
  async opened(_: Opened, { aggregateId, metadata, execute }: EventHandlerContext) {
    heard.push(`${metadata.tenant}:${aggregateId}`)
    await execute(Deposit, { id: aggregateId, amount: 1 })
  }
}

describe('an application that keeps tenants apart', () => {
  it('refuses commands, queries, live queries and loads that say no tenant', async () => {
    await using app = await openWith()
    const refused = { code: 'TENANT_REQUIRED' }
    await expect(app.execute(Open, { id: 'a', owner: 'Ada' })).rejects.toMatchObject(refused)
    await expect(app.query(new ListOwners())).rejects.toMatchObject(refused)
    await expect(app.load(Account, 'a')).rejects.toMatchObject(refused)
    await using live = app.subscribe(new ListOwners())
    await expect(live[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused)
  })

  it.each([[''], ['\ud800'], ['x'.repeat(129)]])('refuses the tenant %j', async (tenant) => {
    await using app = await openWith()
    await expect(app.execute(Open, { id: 'a', owner: 'Ada' }, { tenant })).rejects.toMatchObject({
      code: 'INVALID_TENANT',
    })
  })

  it('has one aggregate and one document for the same id of each tenant', async () => {
    await using app = await openWith()
    await fill(app, 'acme', 'a', 5)
    const after = await fill(app, 'beta', 'a', 7)
    expect(await app.load(Account, 'a', { tenant: 'acme' })).toMatchObject({
      balance: 5,
      seenId: 'a',
    })
    expect(await app.load(Account, 'a', { tenant: 'beta' })).toMatchObject({ balance: 7 })
    expect(await app.load(Account, 'a', { tenant: 'beta', at: { revision: 0n } })).toMatchObject({
      balance: 0,
    })
    const one: Look = (view) => view.findOne({ _id: 'a' })
    expect(await ask(app, 'acme', one, { after })).toEqual({
      _id: 'a',
      owner: 'Owner of a',
      amount: 5,
    })
    expect(await ask(app, 'beta', one)).toEqual({ _id: 'a', owner: 'Owner of a', amount: 7 })
    expect(await ask(app, 'gamma', one)).toBeNull()
    expect(await app.query(new ListOwners(), { tenant: 'acme', after })).toEqual([
      { _id: 'Owner of a', accounts: ['a'] },
    ])
  })

  it.each([
    ['acme', 'a.b', 'acme.a', 'b'],
    ['acme', 'beta.a', 'acme.beta', 'a'],
    ['a', '-b.c', 'a-', 'b.c'],
    ['acme', '%2Eb', 'acme.', 'b'],
    ['a%2Eb', 'c', 'a.b', 'c'],
    ['acme', 'x', 'acme2', 'x'],
    ['Acme', 'x', 'acme', 'x'],
    ['*', 'x', '%2A', 'x'],
    ['é', 'x', 'e\u0301', 'x'],
    ['account', 'account-x', 'account-account', 'x'],
  ])('never takes %s/%s for %s/%s', async (tenant, id, other, otherId) => {
    await using app = await openWith()
    await fill(app, tenant, id, 5)
    const after = await fill(app, other, otherId, 7)
    expect((await app.load(Account, id, { tenant })).balance).toBe(5)
    expect((await app.load(Account, otherId, { tenant: other })).balance).toBe(7)
    const all: Look = (view) => view.find().toArray()
    expect(await ask(app, tenant, all, { after })).toEqual([
      { _id: id, owner: `Owner of ${id}`, amount: 5 },
    ])
    expect(await ask(app, other, all)).toMatchObject([{ _id: otherId, amount: 7 }])
  })

  it('takes an id that looks like one of another tenant for what it is', async () => {
    await using app = await openWith()
    await fill(app, 'acme', 'a', 5)
    await expect(app.load(Account, 'acme.a', { tenant: 'beta' })).rejects.toMatchObject({
      code: 'AGGREGATE_NOT_FOUND',
    })
    const done = await app.execute(Deposit, { id: 'acme.a', amount: 1 }, { tenant: 'beta' })
    expect(done.stream).toBe('account-beta.acme.a')
    expect((await app.load(Account, 'a', { tenant: 'acme' })).balance).toBe(5)
  })

  it('carries out a command of each tenant under the same id, and each once', async () => {
    await using app = await openWith()
    const options = (tenant: string) => ({ tenant, id: 'import-1' })
    const first = await app.execute(Open, { id: 'a', owner: 'Ada' }, options('acme'))
    const second = await app.execute(Open, { id: 'a', owner: 'Ada' }, options('beta'))
    const again = await app.execute(Open, { id: 'a', owner: 'Ada' }, options('beta'))
    expect([first, second, again].map(({ isRepeated }) => isRepeated)).toEqual([false, false, true])
    expect([first, second, again].map(({ commandId }) => commandId)).toEqual(
      Array.from({ length: 3 }, () => 'import-1'),
    )
  })

  it('gives events of different tenants different ids, whatever the id of the command', async () => {
    const eventStore = new InMemoryEventStore()
    await using app = await openWith({ eventStore: { eventStore } })
    for (const tenant of ['acme', 'beta'])
      await app.execute(Open, { id: 'a', owner: 'Ada' }, { tenant, id: 'import-1' })
    const ids: string[] = []
    for await (const batch of eventStore.readAll()) ids.push(...batch.map(({ id }) => id))
    expect(new Set(ids).size).toBe(2)
  })

  it('lets each tenant have the same value under a unique index', async () => {
    await using app = await openWith()
    await app.execute(Open, { id: 'a', owner: 'Ada' }, { tenant: 'acme' })
    const after = await app.execute(Open, { id: 'b', owner: 'Ada' }, { tenant: 'beta' })
    expect(await ask(app, 'beta', (view) => view.distinct('owner'), { after })).toEqual(['Ada'])
    expect(app.projections.status().every(({ state }) => state !== 'halted')).toBe(true)
  })

  it('has event handlers act for the tenant of the event', async () => {
    heard.length = 0
    await using app = await openWith({ definitions: [...definitions, Bonus] })
    for (const tenant of ['acme', 'beta'])
      await app.execute(Open, { id: 'a', owner: 'Ada' }, { tenant, id: 'same' })
    const last = await app.execute(Open, { id: 'b', owner: 'Bert' }, { tenant: 'beta' })
    await app.eventHandlers.waitFor('bonus', last)
    expect(heard).toEqual(['acme:a', 'beta:a', 'beta:b'])
    for (const [tenant, id] of [
      ['acme', 'a'],
      ['beta', 'a'],
      ['beta', 'b'],
    ] as const)
      expect((await app.load(Account, id, { tenant })).balance).toBe(1)
  })

  it('keeps event handlers from sending commands to others', async () => {
    @EventHandler('meddler', { delivery: 'at-least-once' })
    class Meddler {
      @On(Opened)
      async opened(_: Opened, { execute }: EventHandlerContext) {
        await execute(Deposit, { id: 'a', amount: 1_000 }, { tenant: 'acme' })
      }
    }
    await using app = await openWith({
      definitions: [...definitions, Meddler],
      eventHandlers: { retryDelaysMs: [] },
    })
    const done = await app.execute(Open, { id: 'b', owner: 'Bert' }, { tenant: 'beta' })
    await expect(app.eventHandlers.waitFor('meddler', done)).rejects.toThrow(
      'belongs to tenant "acme"',
    )
    await expect(app.load(Account, 'a', { tenant: 'acme' })).rejects.toThrow()
  })

  it('tells live queries of the changes of their tenant only', async () => {
    await using app = await openWith()
    await fill(app, 'acme', 'a', 5)
    const before = await fill(app, 'beta', 'a', 7)
    const all: Look = (view) => view.find().sort({ _id: 1 }).toArray()
    await using live = app.subscribe(new Ask(all), { tenant: 'acme', after: before })
    const results = live[Symbol.asyncIterator]()
    expect((await results.next()).value).toMatchObject([{ _id: 'a', amount: 5 }])
    await app.execute(Deposit, { id: 'a', amount: 100 }, { tenant: 'beta' })
    await app.execute(Deposit, { id: 'a', amount: 1 }, { tenant: 'acme' })
    expect((await results.next()).value).toMatchObject([{ _id: 'a', amount: 6 }])
  })

  it('loads functional aggregates by tenant, too', async () => {
    const counted = defineEvent<object>('counter.counted')
    const count = defineCommand<{ id: string }>('counter.count', { aggregateId: ({ id }) => id })
    const counter = defineAggregate<{ count: number; id: string }>('counter', {
      initial: (id) => ({ count: 0, id }),
      decide: [
        decideOn(count, (_, __, { aggregateId, commandId }) => {
          expect([aggregateId, commandId]).toEqual(['c', 'once'])
          return counted.create({})
        }),
      ],
      evolve: [evolveWith(counted, (state) => ({ ...state, count: state.count + 1 }))],
    })
    await using app = await openWith({ definitions: [counter] })
    await app.execute(count, { id: 'c' }, { tenant: 'acme', id: 'once' })
    expect(await app.load(counter, 'c', { tenant: 'acme' })).toEqual({ count: 1, id: 'c' })
    await expect(app.load(counter, 'c', { tenant: 'beta' })).rejects.toThrow(
      'There is no counter "c"',
    )
  })
})
