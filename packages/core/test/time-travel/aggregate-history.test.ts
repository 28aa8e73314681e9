import { InMemoryEventStore, InMemorySnapshotStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  AggregateHistory,
  AggregateNotFoundError,
  AggregateRoot,
  defineAggregateClass,
  type HistoryEntry,
  type HistoryOptions,
  type JsonValue,
  PointInTimeError,
  streamName,
} from '../../src/index.ts'
import { defineAccount, deposit, type Deposited, deposited, open } from '../fixtures/accounts.ts'
import { World, type WorldOptions } from '../fixtures/world.ts'

class Booking {
  constructor(
    readonly amount: number,
    public isChecked = false,
  ) {}
}

class Account extends AggregateRoot {
  balance = 0
  bookings: Booking[] = []
  byAmount = new Map<number, { times: number }>()
  last?: Date
  deposit({ amounts }: { amounts: number[] }): void {
    for (const amount of amounts) this.emit(deposited.create({ amount }))
  }
  add({ amount }: Deposited): void {
    this.balance += amount
    this.bookings.push(new Booking(amount))
    const known = this.byAmount.get(amount)
    if (known) known.times += 1
    else this.byAmount.set(amount, { times: 1 })
    this.last = new Date(amount)
  }
}

class PlainAccount extends AggregateRoot {
  balance = 0
  deposit({ amounts }: { amounts: number[] }): void {
    for (const amount of amounts) this.emit(deposited.create({ amount }))
  }
  add({ amount }: Deposited): void {
    this.balance += amount
  }
}

class SecretAccount extends AggregateRoot {
  #balance = 0
  deposit({ amounts }: { amounts: number[] }): void {
    for (const amount of amounts) this.emit(deposited.create({ amount }))
  }
  add({ amount }: Deposited): void {
    this.#balance += amount
  }
  toSnapshot(): JsonValue {
    return { balance: this.#balance }
  }
  fromSnapshot(value: JsonValue): void {
    this.#balance = (value as { balance: number }).balance
  }
}

const byClass = (aggregateClass: new () => AggregateRoot) =>
  defineAggregateClass(aggregateClass, {
    category: 'account',
    handles: [[deposit, 'deposit']],
    applies: [[deposited, 'add']],
    snapshot: { every: 2 },
  })

const days = ['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01'].map((day) => new Date(day))

/** Deposits of 1 in January, of 2 and 3 in February, of 4 in March. */
async function deposits(
  account: ReturnType<typeof byClass> | ReturnType<typeof defineAccount>,
  options: WorldOptions = {},
): Promise<World> {
  let month = 0
  const world = new World([account], { ...options, clock: { now: () => days[month] as Date } })
  for (const amounts of [[1], [2, 3], [4]]) {
    await world.commands.execute(deposit, { id: 'a1', amounts })
    month += 1
  }
  return world
}

function historyOf<State>({ commands, eventStore, codec }: World): AggregateHistory<State> {
  const repository = commands.repositoryOf('account') as never
  return new AggregateHistory<State>(repository, { eventStore, codec })
}

async function entries<State>(
  world: World,
  options?: HistoryOptions,
): Promise<HistoryEntry<State>[]> {
  const found: HistoryEntry<State>[] = []
  for await (const entry of historyOf<State>(world).read('a1', options)) found.push(entry)
  return found
}

describe('the history of an aggregate', () => {
  test('has each event with the state before and after it, and where they differ', async () => {
    await using world = await deposits(defineAccount())
    const found = await entries<{ balance: number }>(world)
    expect(found.map(({ event }) => event.revision)).toEqual([0n, 1n, 2n, 3n])
    expect(found.map(({ before, after }) => [before.balance, after.balance])).toEqual([
      [0, 1],
      [1, 3],
      [3, 6],
      [6, 10],
    ])
    expect(found[1]?.changes).toEqual([{ path: 'balance', kind: 'changed', before: 1, after: 3 }])
  })

  test('shows instances of the class, whose states share nothing', async () => {
    await using world = await deposits(byClass(Account))
    const [first, second] = await entries<Account>(world)
    expect(second?.before).toBeInstanceOf(Account)
    expect(second?.after.bookings).toEqual([new Booking(1), new Booking(2)])
    expect(second?.after.aggregateId).toBe('a1')
    const booking = second?.before.bookings[0] as Booking
    booking.isChecked = true
    second?.before.byAmount.clear()
    second?.before.last?.setTime(99)
    expect(second?.after.bookings[0]).toEqual(new Booking(1))
    expect(second?.after.byAmount.size).toBe(2)
    expect(first?.after.bookings[0]).toEqual(new Booking(1))
    expect(first?.after.last).toEqual(new Date(1))
  })

  test('names changed places in objects, arrays, maps and dates', async () => {
    await using world = await deposits(byClass(Account))
    const [first, second] = await entries<Account>(world)
    expect(first?.changes.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'changed balance',
      'added bookings[0]',
      'added byAmount{1}',
      'changed last',
    ])
    expect(second?.changes.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'changed balance',
      'added bookings[1]',
      'added byAmount{2}',
      'changed last',
    ])
  })

  test('sees private fields through toSnapshot', async () => {
    await using world = await deposits(byClass(SecretAccount))
    const found = await entries<SecretAccount>(world, { from: { revision: 2n } })
    expect(found.map(({ changes }) => changes)).toEqual([
      [{ path: 'balance', kind: 'changed', before: 3, after: 6 }],
      [{ path: 'balance', kind: 'changed', before: 6, after: 10 }],
    ])
  })

  const ranges: [string, HistoryOptions, bigint[]][] = [
    ['a revision on', { from: { revision: 2n } }, [2n, 3n]],
    ['a revision to another', { from: { revision: 1n }, to: { revision: 2n } }, [1n, 2n]],
    ['a position to another', { from: { position: 1n }, to: { position: 2n } }, [1n, 2n]],
    ['a date on, inclusive', { from: { date: new Date('2024-02-01') } }, [1n, 2n, 3n]],
    ['the start to a date', { to: { date: new Date('2024-02-28') } }, [0n, 1n, 2n]],
    ['a date after everything', { from: { date: new Date('2025-01-01') } }, []],
  ]
  test.each(ranges)('from %s has what was recorded within', async (_name, range, revisions) => {
    await using world = await deposits(byClass(Account))
    const found = await entries<Account>(world, range)
    expect(found.map(({ event }) => event.revision)).toEqual(revisions)
    const first = Number(revisions[0] ?? 0n)
    if (found[0]) expect(found[0].before.balance).toBe([0, 1, 3, 6][first])
  })

  test('ends at what a command did', async () => {
    await using world = new World([defineAccount()])
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const done = await world.commands.execute(deposit, { id: 'a1', amounts: [5, 6] })
    await world.commands.execute(deposit, { id: 'a1', amounts: [7] })
    const found = await entries<{ balance: number }>(world, { to: done })
    expect(found.at(-1)?.after.balance).toBe(11)
  })

  test('of an aggregate without events is refused', async () => {
    await using world = new World([defineAccount()])
    await expect(entries(world)).rejects.toThrow(AggregateNotFoundError)
    const from = { revision: 3n }
    await expect(entries(world, { from })).rejects.toThrow(AggregateNotFoundError)
  })

  test('of a stream that was cut has what is left, from any point on', async () => {
    const eventStore = new InMemoryEventStore()
    await using world = await deposits(defineAccount(), { eventStore })
    await eventStore.setStreamSettings(streamName('account', 'a1'), { maxCount: 2 })
    for (const from of [{ revision: 0n }, { revision: 1n }, { revision: 2n }, { position: 1n }]) {
      const found = await entries(world, { from })
      expect(found.map(({ event }) => event.revision)).toEqual([2n, 3n])
    }
  })

  test('names the point it was asked for where the stream ends before', async () => {
    await using world = await deposits(defineAccount())
    await expect(entries(world, { from: { revision: 9n } })).rejects.toThrow(
      'account "a1" cannot be seen at revision 9: its stream ends before that.',
    )
  })

  test('from or to what is no point is refused', async () => {
    await using world = await deposits(defineAccount())
    await expect(entries(world, { from: null as never })).rejects.toThrow(PointInTimeError)
    await expect(entries(world, { to: 0 as never })).rejects.toThrow(PointInTimeError)
  })
})

describe('the difference of two points', () => {
  test('is what changed between them, whichever is earlier', async () => {
    await using world = await deposits(byClass(Account))
    const history = historyOf<Account>(world)
    const found = await history.diff('a1', { revision: 0n }, { date: new Date('2024-02-28') })
    expect([found.beforeRevision, found.afterRevision]).toEqual([0n, 2n])
    expect(found.changes.map(({ path }) => path)).toEqual([
      'balance',
      'bookings[1]',
      'bookings[2]',
      'byAmount{2}',
      'byAmount{3}',
      'last',
    ])
    const back = await history.diff('a1', { position: 2n }, { revision: 0n })
    expect(back.changes.map(({ kind }) => kind)).toEqual([
      'changed',
      'removed',
      'removed',
      'removed',
      'removed',
      'changed',
    ])
  })

  test('starts from the initial state where the aggregate was not there yet', async () => {
    await using world = await deposits(defineAccount())
    const { before, beforeRevision, changes } = await historyOf(world).diff(
      'a1',
      { date: new Date('2020-01-01') },
      { revision: 0n },
    )
    expect([before, beforeRevision]).toEqual([{ owner: '', balance: 0 }, undefined])
    expect(changes).toEqual([{ path: 'balance', kind: 'changed', before: 0, after: 1 }])
  })

  test('is refused where there was nothing by either, or a point is not of its past', async () => {
    await using world = await deposits(defineAccount())
    const never = { date: new Date('2020-01-01') }
    await expect(historyOf(world).diff('a1', never, never)).rejects.toThrow(AggregateNotFoundError)
    await expect(historyOf(world).diff('a1', { revision: 9n }, never)).rejects.toThrow(
      PointInTimeError,
    )
  })
})

describe('an aggregate as it was', () => {
  test('starts from the nearest snapshot by revision, position and date', async () => {
    const snapshotStore = new InMemorySnapshotStore()
    await using world = await deposits(byClass(PlainAccount), { snapshotStore })
    await world.commands.drain()
    const points = [{ revision: 3n }, { position: 3n }, { date: new Date('2024-03-01') }]
    for (const at of points)
      expect(await world.seen('a1', at)).toMatchObject({
        revision: 3n,
        state: { balance: 10 },
        snapshotRevision: 3n,
      })
    expect(await world.seen('a1', { date: new Date('2024-02-01') })).toMatchObject({
      revision: 2n,
      state: { balance: 6 },
      snapshotRevision: 2n,
    })
    expect(await world.seen('a1', { position: 0n })).toMatchObject({
      revision: 0n,
      snapshotRevision: undefined,
    })
  })

  test('is refused for what is not exactly one kind of point', async () => {
    await using world = await deposits(defineAccount())
    const two = { revision: 1n, position: 1n } as never
    await expect(world.seen('a1', two)).rejects.toThrow(
      'account "a1" cannot be seen at revision 1: 2 kinds of point were given, expected one of { revision }, { position } and { date }, or what a command returned.',
    )
    await expect(world.seen('a1', {} as never)).rejects.toThrow(
      'cannot be seen at no point in time',
    )
    await expect(world.seen('a1', { revision: 1 } as never)).rejects.toThrow('expected a bigint.')
    await expect(world.seen('a1', { date: '2024-01-01' } as never)).rejects.toThrow(
      'its date is a string, expected a Date.',
    )
    for (const [point, kind] of [
      [5n, 'a bigint'],
      ['2024-01-01', 'a string'],
      [null, 'null'],
      [new Date(), 'a Date'],
    ])
      await expect(world.seen('a1', point as never)).rejects.toThrow(
        `account "a1" cannot be seen at no point in time: ${String(kind)} was given, expected one of`,
      )
  })
})
