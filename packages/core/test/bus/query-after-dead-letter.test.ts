import { describe, expect, test } from 'vitest'
import {
  type CommandResult,
  defineProjection,
  defineQueryHandler,
  defineReadModel,
  EventNotAppliedError,
  on,
  Query,
  type QueryOptions,
} from '../../src/index.ts'
import { defineAccount, deposit, deposited, open, opened } from '../fixtures/accounts.ts'
import { balances } from '../fixtures/balances.ts'
import { failureOf } from '../fixtures/collect.ts'
import { getBalance, GetBalance } from '../fixtures/queries.ts'
import { untilSeen } from '../fixtures/until.ts'
import { World, type WorldOptions } from '../fixtures/world.ts'

interface Deposits {
  readonly _id: string
  count: number
}

const deposits = defineReadModel<Deposits>('deposits')

class HasDeposits extends Query<string> {}
const hasDeposits = defineQueryHandler(HasDeposits, {
  reads: [deposits],
  execute: () => 'answered',
})

/** Refuses deposits of 13 in the balances, by owner; those of 7 have no key. Counts deposits besides. */
function fragile() {
  const faults = { isMended: false }
  const projection = defineProjection('fragile', {
    into: [balances, deposits],
    handlers: [
      on(opened, balances, ({ owner }, _document, { aggregateId }) => ({
        _id: aggregateId,
        owner,
        balance: 0,
      })),
      on(deposited, balances, ({ amount }, document) => {
        if (amount === 13 && !faults.isMended) throw new RangeError('unlucky')
        document!.balance += amount
      }),
      on(
        deposited,
        deposits,
        (_event, document) => ({ _id: 'all', count: (document?.count ?? 0) + 1 }),
        {
          key: ({ amount }) => {
            if (amount === 7) throw new RangeError('no key')
            return 'all'
          },
        },
      ),
    ],
  })
  return { faults, definitions: [defineAccount(), projection, getBalance, hasDeposits] }
}

async function started(options: WorldOptions = {}) {
  const { faults, definitions } = fragile()
  const world = new World(definitions, { tuning: { retryDelaysMs: [] }, ...options })
  await world.projections.start()
  await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
  const put = (amount: number, id = 'a1') =>
    world.commands.execute(deposit, { id, amounts: [amount] })
  const ask = (after: CommandResult, more: QueryOptions = {}) =>
    world.queries.query(new GetBalance('a1'), { after, ...more })
  return { faults, definitions, world, put, ask }
}

describe('a query after a command whose event became a dead letter', () => {
  test('says so, which event it is and what to do', async () => {
    const { world, put, ask } = await started()
    await using _world = world
    const after = await put(13)
    const error = await failureOf(() => ask(after))
    expect(error).toBeInstanceOf(EventNotAppliedError)
    expect(error).toMatchObject({
      code: 'EVENT_NOT_APPLIED',
      projection: 'fragile',
      model: 'balances',
      letter: { event: { position: after.position, type: 'account.deposited' }, state: 'dead' },
    })
    expect((error as Error).message).toBe(
      'Projection "fragile" could not apply "account.deposited" at account-a1/1 (position 1), so "balances" does not have it: unlucky. Mend the handler and call projections.deadLetters("fragile").retry({ model: "balances", key: "a1" }), or query with onTimeout: "serve-stale".',
    )
  })

  test('says so for an event that only waits behind another', async () => {
    const { world, put, ask } = await started()
    await using _world = world
    await put(13)
    const after = await put(1)
    expect(((await failureOf(() => ask(after))) as Error).message).toContain(
      'so "balances" does not have it: it waits behind an earlier event of "a1". Mend',
    )
  })

  test('says so in a process that does not run the projection', async () => {
    const { world, definitions, put } = await started()
    await using _world = world
    const after = await put(13)
    await using other = world.another(definitions)
    const asking = other.queries.query(new GetBalance('a1'), { after })
    expect(await failureOf(() => asking)).toBeInstanceOf(EventNotAppliedError)
  })

  test('is answered once the letter is applied', async () => {
    const { faults, world, put, ask } = await started()
    await using _world = world
    const after = await put(13)
    await failureOf(() => ask(after))
    faults.isMended = true
    const letters = world.projections.deadLetters('fragile')
    await letters.retry()
    await untilSeen(async () => (await letters.count()) === 0)
    expect(await ask(after)).toBe(13)
  })

  test('is answered where it reads another model, which has the event', async () => {
    const { world, put } = await started()
    await using _world = world
    const after = await put(13)
    expect(await world.queries.query(new HasDeposits(), { after })).toBe('answered')
  })

  test('is answered where the command was another one, on the same document or on another', async () => {
    const { world, put, ask } = await started()
    await using _world = world
    const before = await put(1)
    await put(13)
    await world.commands.execute(open, { id: 'a2', owner: 'Bob' })
    const other = await put(2, 'a2')
    expect(await ask(before)).toBe(1)
    expect(await ask(other)).toBe(1)
  })

  test('says so where nobody knows the document', async () => {
    const { world, put } = await started()
    await using _world = world
    const after = await put(7)
    const error = await failureOf(() => world.queries.query(new HasDeposits(), { after }))
    expect((error as Error).message).toContain('Mend the handler and rebuild "fragile"')
  })

  test('is answered without it where that is asked for, and says so', async () => {
    const { world, put, ask } = await started()
    await using _world = world
    const after = await put(13)
    const told: unknown[] = []
    const stale = {
      onTimeout: 'serve-stale',
      onStale: (error: unknown) => told.push(error),
    } as const
    expect(await ask(after, stale)).toBe(0)
    expect(told).toMatchObject([{ code: 'EVENT_NOT_APPLIED' }])
    expect(await ask(after, { onTimeout: 'serve-stale' })).toBe(0)
    expect(world.log.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: 'A query was answered without an event it was to be answered after.',
    })
  })

  test('asks the store for letters only where there may be some', async () => {
    const { definitions } = fragile()
    await using world = new World(definitions)
    let lists = 0
    const { deadLetters } = world.readModels
    const list = deadLetters.list.bind(deadLetters)
    deadLetters.list = (filter) => {
      lists += 1
      return list(filter)
    }
    await world.projections.start()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const after = await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
    expect(await world.queries.query(new GetBalance('a1'), { after })).toBe(1)
    expect(lists).toBe(0)
  })
})
