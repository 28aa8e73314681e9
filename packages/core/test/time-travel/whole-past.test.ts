import { describe, expect, test } from 'vitest'
import {
  type AggregateDefinition,
  AggregateNotFoundError,
  audit,
  type AuditEntry,
  type AuditOptions,
  LogDates,
  PointInTimeError,
  type PointOrResult,
  WholePast,
} from '../../src/index.ts'
import { type AccountState, deposit, open } from '../fixtures/accounts.ts'
import { CountDeposits, definitions, GetBalance } from '../fixtures/queries.ts'
import { World } from '../fixtures/world.ts'

const day = (n: number): Date => new Date(Date.UTC(2024, 0, n))

/** One deposit a day into one of two accounts, from the second of January on. */
async function tenDays(): Promise<World> {
  let today = 1
  const world = new World(definitions, { clock: { now: () => day(today) } })
  await world.projections.start()
  for (const id of ['a1', 'a2'])
    await world.commands.execute(open, { id, owner: 'Ada' }, { actor: 'clerk' })
  for (today = 2; today <= 10; today += 1)
    await world.commands.execute(
      deposit,
      { id: today % 2 === 0 ? 'a1' : 'a2', amounts: [today] },
      { actor: today > 5 ? 'Eve' : 'Bob', correlationId: `day-${today}`, tenant: 'north' },
    )
  return world
}

function pastOf(world: World, at: PointOrResult): Promise<WholePast> {
  const { eventStore, queries, commands } = world
  return WholePast.open(
    {
      eventStore,
      queries,
      dates: new LogDates(eventStore),
      load: async (_, id, { at }) =>
        (await commands.repositoryOf('account').loadAt(id, at)).state as never,
    },
    at,
  )
}

describe('a whole past', () => {
  test.each([
    ['a date', { date: new Date(day(5).getTime() + 1) }],
    ['a position', { position: 5n }],
  ])('as of %s shows all aggregates and read models at one position', async (_name, at) => {
    await using world = await tenDays()
    await using past = await pastOf(world, at)
    expect(past.position).toBe(5n)
    const account = defineOf(world)
    const [a1, a2] = [await past.load(account, 'a1'), await past.load(account, 'a2')]
    expect([a1.balance, a2.balance]).toEqual([2 + 4, 3 + 5])
    expect(await past.query(new GetBalance('a1'))).toBe(6)
    expect(await past.query(new GetBalance('a2'))).toBe(8)
    expect(await past.query(new CountDeposits())).toBe(4)
  })

  test('in the future is now, and stays as it was when it was opened', async () => {
    await using world = await tenDays()
    await using past = await pastOf(world, { date: day(365) })
    await using same = await pastOf(world, { position: 10_000n })
    await world.commands.execute(deposit, { id: 'a1', amounts: [1_000] })
    for (const one of [past, same]) {
      expect((await one.load(defineOf(world), 'a1')).balance).toBe(2 + 4 + 6 + 8 + 10)
      expect(await one.query(new CountDeposits())).toBe(9)
      expect(await one.query(new GetBalance('a1'))).toBe(30)
    }
  })

  test('is there right after a command, though the projection has not come that far yet', async () => {
    await using world = await tenDays()
    const done = await world.commands.execute(deposit, { id: 'a1', amounts: [1_000] })
    expect(await world.queries.query(new CountDeposits(), { asOf: done })).toBe(10)
  })

  test('before everything has nothing', async () => {
    await using world = await tenDays()
    await using past = await pastOf(world, { date: new Date('2020-01-01') })
    expect(past.position).toBeUndefined()
    await expect(past.load(defineOf(world), 'a1')).rejects.toThrow(AggregateNotFoundError)
    expect(await past.query(new GetBalance('a1'))).toBeUndefined()
    expect(await past.query(new CountDeposits())).toBe(0)
  })

  test('at a revision is refused', async () => {
    await using world = await tenDays()
    await expect(pastOf(world, { revision: 1n })).rejects.toThrow(PointInTimeError)
  })

  test('after a command that emitted nothing is refused', async () => {
    await using world = await tenDays()
    const done = await world.commands.execute(deposit, { id: 'a1', amounts: [] })
    await expect(pastOf(world, done)).rejects.toThrow('emitted no events')
  })
})

describe('the position of a date', () => {
  test('is that of the last event recorded at or before it, however it was found', async () => {
    await using world = await tenDays()
    const dates = new LogDates(world.eventStore)
    const expected = [undefined, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 10n]
    const found = async () => Promise.all(expected.map((_, n) => dates.positionAt(day(n))))
    expect(await found()).toEqual(expected)
    expect(await found()).toEqual(expected)
  })

  test('is found among events added since, and between them and what was known', async () => {
    let today = 1
    await using world = new World(definitions, { clock: { now: () => day(today) } })
    const dates = new LogDates(world.eventStore)
    for (today = 1; today <= 3_000; today += 1) {
      await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
      if (today % 700 === 0) {
        const back = (today * 13) % today || 1
        expect(await dates.positionAt(day(back))).toBe(BigInt(back - 1))
        expect(await dates.positionAt(day(today - 3))).toBe(BigInt(today - 4))
      }
    }
    for (const n of [3_000, 1, 1_500, 2_999, 800])
      expect(await dates.positionAt(day(n))).toBe(BigInt(n - 1))
  })
})

describe('an audit', () => {
  async function entries(world: World, options: AuditOptions): Promise<AuditEntry[]> {
    const { eventStore, codec } = world
    const found: AuditEntry[] = []
    const ports = { eventStore, codec, dates: new LogDates(eventStore) }
    for await (const entry of audit(ports, options)) found.push(entry)
    return found
  }
  const questions: [string, AuditOptions, bigint[]][] = [
    ['a stream', { stream: 'account-a1' }, [0n, 2n, 4n, 6n, 8n, 10n]],
    ['an actor', { actor: 'Eve' }, [6n, 7n, 8n, 9n, 10n]],
    ['a correlation id', { correlationId: 'day-4' }, [4n]],
    ['an actor in a stream', { stream: 'account-a2', actor: 'Bob' }, [3n, 5n]],
    ['a range of dates', { from: { date: day(3) }, to: { date: day(5) } }, [3n, 4n, 5n]],
    ['a range of positions', { from: { position: 9n } }, [9n, 10n]],
    [
      'a range of a stream',
      { stream: 'account-a1', from: { date: day(3) }, to: { position: 8n } },
      [4n, 6n, 8n],
    ],
    ['revisions of a stream', { stream: 'account-a1', from: { revision: 4n } }, [8n, 10n]],
  ]
  test.each(questions)('of %s has its events, oldest first', async (_name, options, positions) => {
    await using world = await tenDays()
    expect((await entries(world, options)).map(({ position }) => position)).toEqual(positions)
  })

  test('says who did what when', async () => {
    await using world = await tenDays()
    const [entry] = await entries(world, { correlationId: 'day-6' })
    expect(entry).toMatchObject({
      at: day(6),
      actor: 'Eve',
      tenant: 'north',
      command: 'account.deposit',
      correlationId: 'day-6',
      stream: 'account-a1',
      category: 'account',
      aggregateId: 'a1',
      revision: 3n,
      position: 6n,
      type: 'account.deposited',
      data: { amount: 6 },
      schemaVersion: 1,
    })
  })

  test('of a stream without a name is not one of the whole log', async () => {
    await using world = await tenDays()
    expect(await entries(world, { stream: '' })).toEqual([])
  })

  test('of the whole log has no revisions to start or end at', async () => {
    await using world = await tenDays()
    await expect(entries(world, { from: { revision: 1n } })).rejects.toThrow(
      'The log cannot be seen at revision 1: a revision belongs to one stream; use a position or a date.',
    )
  })
})

function defineOf(world: World): AggregateDefinition<AccountState> {
  return world.model.aggregates[0] as unknown as AggregateDefinition<AccountState>
}
