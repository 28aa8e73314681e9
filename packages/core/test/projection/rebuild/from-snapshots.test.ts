import { InMemoryEventStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  type DeadLetter,
  fromSnapshot,
  ProjectionHandlerError,
  SnapshotDocumentError,
  type StreamName,
} from '../../../src/index.ts'
import { deposited, opened } from '../../fixtures/accounts.ts'
import { around } from '../../fixtures/around.ts'
import { balances, byAccount, documentsOf } from '../../fixtures/balances.ts'
import { failureOf } from '../../fixtures/collect.ts'
import {
  bankOf,
  fillAtRandom,
  filledBank,
  snapshotAccount,
  storedIn,
  ways,
} from '../../fixtures/snapshot-balances.ts'
import { untilSeen } from '../../fixtures/until.ts'
import { World } from '../../fixtures/world.ts'

const from = 'snapshots'

describe.each(ways)('a rebuild from snapshots that finds aggregates by %s', (_, way) => {
  test('makes the documents a rebuild from events makes', async () => {
    await using world = await filledBank(way)
    await world.projections.rebuild('by-account')
    const wanted = await storedIn(world)
    const built = await world.projections.rebuild('by-account', { from })
    expect(built).toMatchObject({ generation: { number: 3 }, snapshots: 2 })
    expect(await storedIn(world)).toEqual(wanted)
    expect(Object.keys(wanted)).toEqual(['a0', 'a1', 'a2'])
  })

  test('uses the snapshots', async () => {
    await using world = await filledBank(way)
    const takenAt = new Date()
    const state = { owner: 'Eve', balance: 1_000, isOpen: true }
    const stream = 'account-a0' as StreamName
    await world.snapshotStore.save({ stream, revision: 2n, version: 1, state, takenAt })
    await world.projections.rebuild('by-account', { from })
    const [first] = await documentsOf(world, balances)
    expect(first).toEqual({ _id: 'a0', owner: 'Eve', balance: 1_003 })
  })

  test.each(Array.from({ length: 15 }, (_, index) => index + 1))(
    'makes the same of any log (seed %i)',
    async (seed) => {
      await using world = new World(bankOf(way))
      await fillAtRandom(world, seed)
      await world.projections.rebuild('by-account')
      const wanted = await storedIn(world)
      for (const batch of [1, 7, 2_000])
        for (const partitions of [1, 3]) {
          await world.projections.rebuild('by-account', { from, batch, partitions })
          expect(await storedIn(world)).toEqual(wanted)
        }
    },
  )

  test('has the events that arrive meanwhile, each once', async () => {
    await using world = await filledBank(way)
    await world.projections.start()
    const writing: Promise<unknown>[] = []
    const write = (id: string): void =>
      void writing.push(world.append(`account-${id}`, deposited.create({ amount: 100 })))
    const snapshotStore = around(world.snapshotStore, {
      load: (load, ...rest) => {
        for (const id of ['a0', 'a1', 'a2']) write(id)
        return load(...rest)
      },
    })
    await using other = world.another(bankOf(way), { snapshotStore })
    await other.projections.rebuild('by-account', {
      from,
      batch: 2,
      onProgress: () => {
        write('a0')
        if (writing.length < 40)
          writing.push(world.append(`account-b${writing.length}`, opened.create({ owner: 'Bob' })))
      },
    })
    await Promise.all(writing)
    await untilSeen(
      async () => (await world.readModels.generations('by-account'))?.active?.number === 2,
    )
    await world.settle('by-account')
    const built = await documentsOf(other, balances)
    await world.projections.stop()
    await other.projections.rebuild('by-account')
    expect(built).toEqual(await documentsOf(other, balances))
    expect(built.length).toBeGreaterThan(3)
  })

  test('ignores snapshots of another version, and those that are newer than their stream', async () => {
    await using world = await filledBank(way)
    const state = { owner: 'Eve', balance: 1_000, isOpen: true }
    const wrong = { state, takenAt: new Date() }
    const [first, second] = ['account-a1', 'account-a2'] as StreamName[]
    await world.snapshotStore.save({ ...wrong, stream: first!, revision: 3n, version: 2 })
    await world.snapshotStore.save({ ...wrong, stream: second!, revision: 9n, version: 1 })
    const built = await world.projections.rebuild('by-account', { from })
    expect(built.snapshots).toBe(2)
    expect(await documentsOf(world, balances)).toEqual(
      ['a0', 'a1', 'a2'].map((_id) => ({ _id, owner: 'Ada', balance: 6 })),
    )
  })

  test('has what a stream holds that was deleted', async () => {
    const eventStore = new InMemoryEventStore()
    await using world = await filledBank(way, { eventStore })
    await eventStore.deleteStream('account-a1' as StreamName)
    await eventStore.tombstoneStream('account-a2' as StreamName)
    await world.projections.rebuild('by-account')
    const wanted = await storedIn(world)
    await world.projections.rebuild('by-account', { from })
    expect(await storedIn(world)).toEqual(wanted)
  })

  test('ends where a handler fails on an event behind the snapshot', async () => {
    await using world = await filledBank(way)
    await world.projections.rebuild('by-account')
    const handlers = byAccount.handlers.map((handler) =>
      handler.event.type === 'account.deposited' && handler.kind === 'fold'
        ? { ...handler, bind: () => failOnThree }
        : handler,
    )
    await using other = world.another(bankOf(way, { handlers }))
    const failure = await failureOf(() => other.projections.rebuild('by-account', { from }))
    expect(failure).toBeInstanceOf(ProjectionHandlerError)
    expect((failure as ProjectionHandlerError).event).toMatchObject({
      stream: 'account-a0',
      revision: 3n,
    })
    expect(await world.readModels.generations('by-account')).toMatchObject({
      active: { number: 2 },
      building: undefined,
    })
    const onError = 'dead-letter'
    await other.projections.rebuild('by-account', { from, onError })
    const letters: DeadLetter[] = []
    for await (const page of other.projections.deadLetters('by-account').list())
      letters.push(...page)
    expect(letters.map(({ event }) => event.stream)).toEqual([
      'account-a0',
      'account-a1',
      'account-a2',
      'account-a3',
      'account-a3',
    ])
  })

  test('ends where the document of a snapshot is none, and leaves readers where they are', async () => {
    await using world = await filledBank(way)
    await world.projections.rebuild('by-account')
    const wrong = (_id: string) =>
      bankOf(way, {
        fromSnapshot: fromSnapshot(
          snapshotAccount,
          balances,
          ({ owner, balance }) => {
            if (_id === '') throw new RangeError('no id')
            return { _id, owner, balance }
          },
          way,
        ),
      })
    await using first = world.another(wrong('b1'))
    const failure = await failureOf(() => first.projections.rebuild('by-account', { from }))
    expect(failure).toBeInstanceOf(SnapshotDocumentError)
    expect((failure as Error).message).toContain('"account-a0" at revision 2: ')
    expect((failure as Error).message).toContain('"b1"')
    await using second = world.another(wrong(''))
    await expect(second.projections.rebuild('by-account', { from })).rejects.toThrow('no id')
    expect(await world.readModels.generations('by-account')).toMatchObject({
      active: { number: 2 },
      building: undefined,
    })
  })

  test('as a dry run tells where snapshots and documents differ', async () => {
    await using world = await filledBank(way)
    await world.projections.rebuild('by-account')
    const right = await world.projections.rebuild('by-account', { from, verify: true })
    expect(right.differences).toEqual([])
    const stream = 'account-a1' as StreamName
    const state = { owner: 'Eve', balance: 3, isOpen: true }
    await world.snapshotStore.save({ stream, revision: 2n, version: 1, state, takenAt: new Date() })
    const wrong = await world.projections.rebuild('by-account', { from, verify: true })
    expect(wrong.differences).toMatchObject([{ id: 'a1', paths: ['owner'] }])
  })
})

function failOnThree(event: object): undefined {
  if ((event as { amount: number }).amount === 3) throw new RangeError('three')
}
