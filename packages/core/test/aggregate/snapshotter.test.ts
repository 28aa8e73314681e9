import { InMemorySnapshotStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  AggregateRoot,
  decideOn,
  defineAggregate,
  defineAggregateClass,
  evolveWith,
  type JsonValue,
  type Snapshot,
  streamName,
} from '../../src/index.ts'
import {
  closed,
  defineAccount,
  deposit,
  deposited,
  note,
  type Deposited,
} from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { World } from '../fixtures/world.ts'

const stream = streamName('account', 'a1')

async function depositEach(world: World, ...batches: number[][]): Promise<void> {
  for (const amounts of batches) await world.commands.execute(deposit, { id: 'a1', amounts })
  await world.commands.drain()
}

function recording(saved: Snapshot[]): InMemorySnapshotStore {
  return around(new InMemorySnapshotStore(), {
    save: (save, snapshot) => {
      saved.push(snapshot)
      return save(snapshot)
    },
  })
}

describe('a snapshot is taken when a multiple of "every" is crossed', () => {
  test.each<[string, number[][], bigint[]]>([
    ['by single events', [[1], [1], [1], [1], [1], [1]], [2n, 5n]],
    ['in the middle of a batch', [[1, 1], [1, 1], [1]], [3n]],
    ['twice by one batch, which takes one', [[1, 1, 1, 1, 1, 1, 1]], [6n]],
    ['never by too few', [[1], [1]], []],
  ])('%s', async (_name, batches, revisions) => {
    const saved: Snapshot[] = []
    await using world = new World([defineAccount({ every: 3 })], {
      snapshotStore: recording(saved),
    })
    await depositEach(world, ...batches)
    expect(saved.map(({ revision }) => revision)).toEqual(revisions)
  })
})

test('a load starts at the snapshot and replays what came after it', async () => {
  await using world = new World([defineAccount({ every: 3 })])
  await depositEach(world, [1, 2, 3], [4])
  expect(await world.commands.repositoryOf('account').load('a1')).toMatchObject({
    state: { balance: 10 },
    revision: 3n,
    snapshotRevision: 2n,
  })
})

describe('a snapshot is ignored and the events are replayed', () => {
  const wrong = { owner: 'nobody', balance: 999 }
  const snapshot = (changes: Partial<Snapshot>): Snapshot => ({
    stream,
    revision: 1n,
    version: 2,
    state: wrong,
    takenAt: new Date(0),
    ...changes,
  })
  test.each([
    ['of another version', snapshot({ version: 1 })],
    ['newer than the stream', snapshot({ revision: 7n })],
    ['that cannot be read', snapshot({ state: { balance: { $varve: 'lost' } } })],
  ])('%s', async (_name, taken) => {
    await using world = new World([defineAccount({ every: 100, version: 2 })])
    await depositEach(world, [1, 2])
    await world.snapshotStore.save(taken)
    const loaded = await world.commands.repositoryOf('account').load('a1')
    expect(loaded).toMatchObject({
      state: { balance: 3 },
      revision: 1n,
      snapshotRevision: undefined,
    })
  })

  test('of an aggregate class, where it holds no object', async () => {
    class Counter extends AggregateRoot {
      total = 0
      add({ amount }: Deposited): void {
        this.total += amount
      }
      deposit({ amounts }: { amounts: number[] }): void {
        this.emit(...amounts.map((amount) => deposited.create({ amount })))
      }
    }
    const counter = defineAggregateClass(Counter, {
      category: 'account',
      handles: [[deposit, 'deposit']],
      applies: [[deposited, 'add']],
      snapshot: { every: 100 },
    })
    for (const state of ['garbage', 7, null, [1]] as JsonValue[]) {
      await using world = new World([counter])
      await depositEach(world, [1, 2])
      await world.snapshotStore.save(snapshot({ version: 1, state }))
      const loaded = await world.commands.repositoryOf('account').load('a1')
      expect(loaded.snapshotRevision).toBeUndefined()
      expect(Object.entries(loaded.state as Counter)).toEqual([['total', 3]])
    }
  })
})

describe('a snapshot store that fails', () => {
  test.each([
    [
      'at once',
      () => {
        throw new TypeError('disk full')
      },
    ],
    ['later', () => Promise.reject(new TypeError('disk full'))],
  ])('%s while saving fails no command and is counted', async (_name, save) => {
    const snapshotStore = around(new InMemorySnapshotStore(), { save })
    await using world = new World([defineAccount({ every: 1 })], { snapshotStore })
    await depositEach(world, [1], [2])
    expect(world.commands.snapshotFailures).toBe(2)
    expect(world.log.lines.map(({ level, message }) => [level, message])).toContainEqual([
      'warn',
      'A snapshot could not be taken; loading replays more events instead.',
    ])
  })

  test('while loading fails no command', async () => {
    const snapshotStore = around(new InMemorySnapshotStore(), {
      load: () => Promise.reject(new TypeError('disk gone')),
    })
    await using world = new World([defineAccount({ every: 1 })], { snapshotStore })
    await depositEach(world, [1], [2])
    expect(await world.commands.repositoryOf('account').load('a1')).toMatchObject({
      state: { balance: 3 },
    })
  })
})

test('a state that cannot be written fails no command and is counted', async () => {
  const account = defineAggregate<{ run?: () => void }>('account', {
    initial: () => ({}),
    decide: [decideOn(deposit, () => closed.create({}))],
    evolve: [evolveWith(closed, () => ({ run: () => undefined }))],
    snapshot: { every: 1 },
  })
  await using world = new World([account])
  await depositEach(world, [1])
  expect(world.commands.snapshotFailures).toBe(1)
})

test('a state that became null is snapshot as null', async () => {
  const account = defineAggregate<{ balance: number } | null>('account', {
    initial: () => ({ balance: 0 }),
    decide: [decideOn(note, () => closed.create({}))],
    evolve: [evolveWith(closed, () => null)],
    snapshot: { every: 1 },
  })
  await using world = new World([account])
  await world.commands.execute(note, { id: 'a1', text: '' })
  await world.commands.drain()
  expect(await world.commands.repositoryOf('account').load('a1')).toMatchObject({
    state: null,
    snapshotRevision: 0n,
  })
})

test('the snapshot is the state right after its command, whatever comes next', async () => {
  const saved: Snapshot[] = []
  class Basket extends AggregateRoot {
    lines: number[] = []
    add({ amount }: Deposited): void {
      this.lines.push(amount)
    }
    deposit({ amounts }: { amounts: number[] }): void {
      this.emit(...amounts.map((amount) => deposited.create({ amount })))
    }
  }
  const basket = defineAggregateClass(Basket, {
    category: 'account',
    handles: [[deposit, 'deposit']],
    applies: [[deposited, 'add']],
    snapshot: { every: 1 },
  })
  await using world = new World([basket], { snapshotStore: recording(saved) })
  await depositEach(world, [1], [2])
  expect(saved.map(({ state }) => state)).toEqual([{ lines: [1] }, { lines: [1, 2] }])
})

test('a state that is written asynchronously is no snapshot', async () => {
  const toSnapshot = (): JsonValue => Promise.resolve({ balance: 1 }) as never
  await using world = new World([defineAccount({ every: 1, toSnapshot })])
  await depositEach(world, [1])
  expect(world.commands.snapshotCounts).toEqual({ taken: 0, failed: 1, ignored: 0 })
  expect(await world.snapshotStore.list(stream)).toEqual([])
})
