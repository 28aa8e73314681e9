import { InMemorySnapshotStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  AggregateRoot,
  buildModel,
  defineAggregateClass,
  type JsonValue,
  type Snapshot,
  type SnapshotRules,
  Snapshots,
  streamName,
} from '../../src/index.ts'
import {
  type AccountState,
  defineAccount,
  deposit,
  type Deposited,
  deposited,
  open,
} from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { World } from '../fixtures/world.ts'

const stream = streamName('account', 'a1')

class Money {
  constructor(readonly cents: bigint) {}
  get isPositive(): boolean {
    return this.cents > 0n
  }
}

class Account extends AggregateRoot {
  balance = 0
  total = new Money(0n)
  at = new Date(0)
  byAmount = new Map<number, Money[]>()
  deposit({ amounts }: { amounts: number[] }): void {
    for (const amount of amounts) this.emit(deposited.create({ amount }))
  }
  add({ amount }: Deposited): void {
    this.balance += amount
    this.total = new Money(this.total.cents + BigInt(amount))
    this.at = new Date(amount)
    this.byAmount.set(amount, [...(this.byAmount.get(amount) ?? []), new Money(1n)])
  }
}

const classy = (snapshot: SnapshotRules) =>
  defineAggregateClass(Account, {
    category: 'account',
    handles: [[deposit, 'deposit']],
    applies: [[deposited, 'add']],
    snapshot: { classes: { money: Money }, ...snapshot },
  })

const depositEach = async (world: World, ...amounts: number[]): Promise<void> => {
  for (const amount of amounts)
    await world.commands.execute(deposit, { id: 'a1', amounts: [amount] })
  await world.commands.drain()
}
const revisions = async (world: World) =>
  (await world.snapshotStore.list(stream)).map(({ revision }) => revision)
const load = (world: World) => world.commands.repositoryOf('account').load('a1')

describe.each([
  ['functions', (rules: SnapshotRules) => defineAccount(rules as SnapshotRules<AccountState>)],
  ['a class', (rules: SnapshotRules) => classy(rules)],
])('an aggregate of %s is snapshot', (_name, define) => {
  test('when its own rule says so, which sees the state and how many events came since', async () => {
    const seen: number[] = []
    const when = (state: { balance: number }, { eventsSince }: { eventsSince: number }) => {
      seen.push(eventsSince)
      return state.balance >= 10 && eventsSince > 1
    }
    await using world = new World([define({ when })])
    await depositEach(world, 5, 6, 1, 1)
    expect(await revisions(world)).toEqual([3n, 1n])
    expect(seen).toEqual([1, 2, 1, 2])
  })

  test('after a load that took too long, whatever the command comes to', async () => {
    const account = define({ afterLoadMs: 0 })
    await using writer = new World([define({ every: 1000 })])
    await depositEach(writer, 1, 2, 3)
    await using world = writer.another([account])
    await world.commands.execute(deposit, { id: 'a1', amounts: [] })
    await world.commands.drain()
    expect(await revisions(world)).toEqual([2n])
    expect(await load(world)).toMatchObject({ snapshotRevision: 2n, state: { balance: 6 } })
  })

  test('as often as is kept of it', async () => {
    await using world = new World([define({ every: 1, keep: 2 })])
    await depositEach(world, 1, 2, 3, 4)
    expect(await revisions(world)).toEqual([3n, 2n])
    expect(world.commands.snapshotCounts).toEqual({ taken: 4, failed: 0, ignored: 0 })
  })

  test('by a later version, which brings up what the older one wrote', async () => {
    await using world = new World([define({ every: 2 })])
    await depositEach(world, 1, 2, 3)
    const upcast = (state: JsonValue, version: number): JsonValue =>
      version === 1 ? { ...(state as object), balance: 100 } : state
    await using later = world.another([define({ every: 2, version: 2, upcast })])
    expect(await load(later)).toMatchObject({ snapshotRevision: 1n, state: { balance: 103 } })
  })

  test.each([
    ['discards', { every: 2, version: 2, upcast: () => undefined }],
    ['says nothing of', { every: 2, version: 2 }],
    [
      'fails on',
      {
        every: 2,
        version: 2,
        upcast: () => {
          throw new TypeError('unknown shape')
        },
      },
    ],
  ])('by a later version, which %s what the older one wrote', async (_does, rules) => {
    await using world = new World([define({ every: 2 })])
    await depositEach(world, 1, 2, 3)
    await using later = world.another([define(rules)])
    expect(await load(later)).toMatchObject({ snapshotRevision: undefined, state: { balance: 6 } })
    expect(later.commands.snapshotCounts.ignored).toBe(1)
    expect(later.log.lines.map(({ level }) => level)).toEqual(['warn'])
  })

  test('newly from its events alone, when it is asked for', async () => {
    const account = define({ every: 2 })
    await using world = new World([account])
    await depositEach(world, 1, 2, 3)
    await world.snapshotStore.save({
      stream,
      revision: 1n,
      version: 1,
      state: { balance: 666 },
      takenAt: new Date(0),
    })
    expect((await load(world)).state).toMatchObject({ balance: 669 })
    const [definition] = buildModel([account]).aggregates
    const { eventStore, snapshotStore, codec, log: logger } = world
    const clock = { now: () => new Date(7) }
    const snapshots = new Snapshots({ eventStore, snapshotStore, codec, clock, logger })
    const taken = { stream, revision: 2n, version: 1, takenAt: new Date(7) }
    expect(await snapshots.rebuild(definition!, 'a1')).toEqual(taken)
    expect(await snapshots.list(definition!, 'a1')).toEqual([taken])
    expect((await load(world)).state).toMatchObject({ balance: 6 })
    expect(await snapshots.rebuildAll(definition!)).toBe(1)
    expect(await snapshots.rebuild(definition!, 'nobody')).toBeUndefined()
  })
})

test('an older snapshot is used where the newest is of no use', async () => {
  await using world = new World([defineAccount({ every: 2 })])
  await depositEach(world, 1, 2, 3, 4)
  const newest = (await world.snapshotStore.load(stream)) as Snapshot
  await world.snapshotStore.save({ ...newest, version: 9 })
  expect(await load(world)).toMatchObject({ snapshotRevision: 1n, state: { balance: 10 } })
  expect(world.commands.snapshotCounts.ignored).toBe(1)
})

test('a snapshot of another stream is ignored', async () => {
  const snapshotStore = around(new InMemorySnapshotStore(), {
    load: async (load, ...of) => {
      const found = await load(...of)
      return found && { ...found, stream: streamName('account', 'other') }
    },
  })
  await using world = new World([defineAccount({ every: 2 })], { snapshotStore })
  await depositEach(world, 1, 2)
  expect(await load(world)).toMatchObject({ snapshotRevision: undefined, state: { balance: 3 } })
})

test('dates, maps, bigints and instances of named classes come back as what they were', async () => {
  await using world = new World([classy({ every: 2 })])
  await depositEach(world, 5, 5)
  const { state, snapshotRevision } = await load(world)
  expect(snapshotRevision).toBe(1n)
  const account = state as Account
  expect(account.total).toBeInstanceOf(Money)
  expect(account.total.isPositive).toBe(true)
  expect(account.at).toEqual(new Date(5))
  expect(account.byAmount.get(5)).toEqual([new Money(1n), new Money(1n)])
})

test('an answer does not wait for the snapshot, and the next command does not change it', async () => {
  let isSaved = false
  const snapshotStore = around(new InMemorySnapshotStore(), {
    save: async (save, ...of) => {
      await save(...of)
      isSaved = true
    },
  })
  await using world = new World([classy({ every: 1 })], { snapshotStore })
  const next = world.commands.execute(deposit, { id: 'a1', amounts: [1] }).then(() => isSaved)
  const last = world.commands.execute(deposit, { id: 'a1', amounts: [1] })
  expect(await next).toBe(false)
  await last
  await world.commands.drain()
  const first = await snapshotStore.load(stream, { atOrBefore: 0n })
  expect(first?.state).toMatchObject({ balance: 1 })
})

test('a command id from before a snapshot is known without a read of what is behind it', async () => {
  const account = defineAccount({ every: 100 })
  await using world = new World([account])
  for (let index = 0; index < 250; index += 1)
    await world.commands.execute(deposit, { id: 'a1', amounts: [1] }, { id: `c${index}` })
  await world.commands.drain()
  const reads: bigint[] = []
  const eventStore = around(world.eventStore, {
    readStream: (read, name, options) => {
      reads.push(options?.from ?? 0n)
      return read(name, options)
    },
  })
  await using other = world.another([account], { eventStore })
  await other.commands.execute(open, { id: 'a1', owner: 'Ada' }, { id: 'new' })
  expect(reads).toEqual([199n])
  const again = await other.commands.execute(deposit, { id: 'a1', amounts: [1] }, { id: 'c7' })
  expect(again).toMatchObject({ isRepeated: true, revision: 7n })
})

test.each<[SnapshotRules, string]>([
  [{}, 'does not say when to take a snapshot'],
  [{ every: 0 }, 'takes a snapshot every 0 events: expected a whole number from 1'],
  [{ afterLoadMs: -1 }, 'after -1 ms of loading: expected a number from 0'],
  [{ every: 1, keep: 0 }, 'keeps 0 snapshots: expected a whole number from 1'],
])('rules that say %j are a mistake', (rules, message) => {
  expect(() => buildModel([classy(rules) as never])).toThrow(message)
})
