import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  defineProjection,
  defineReadModel,
  on,
  type ReadModelDocument,
  RepairRefusedError,
} from '../../../src/index.ts'
import { closed, defineAccount, deposited, opened } from '../../fixtures/accounts.ts'
import { balances, documentsOf } from '../../fixtures/balances.ts'
import { filled, WatchedStore } from '../../fixtures/filled.ts'
import { World } from '../../fixtures/world.ts'

const tuning = { retryDelaysMs: [], leaseMs: 100 }
const generation = { projection: 'by-account', version: 1, number: 1 }

async function lettersOf(world: World): Promise<number> {
  let count = 0
  for await (const page of world.projections.deadLetters('by-account').list()) count += page.length
  return count
}

/** Changes documents behind the projection's back. */
async function spoil(
  world: World,
  documents: Readonly<Record<string, ReadModelDocument | undefined>>,
): Promise<void> {
  await world.projections.stop()
  const from = await world.readModels.takeCheckpoint(generation)
  const stored = await world.readModels.load(generation, balances, Object.keys(documents))
  const writes = Object.entries(documents).map(([id, document]) => ({
    model: balances,
    id,
    document,
    position: stored.get(id)?.position ?? from.position!,
    events: 1,
    previous: stored.get(id)?.position,
    versions: [],
  }))
  await world.readModels.commit({
    generation,
    writes,
    from,
    position: from.position!,
    isRepair: true,
  })
  await world.projections.start()
}

describe.each(['exactly-once', 'idempotent'] as const)('at level %s', (level) => {
  const spoilt = {
    a0: { _id: 'a0', owner: 'Eve', balance: 7 },
    a1: undefined,
    x9: { _id: 'x9', owner: 'Nobody', balance: 1 },
  }
  const readModels = () => new InMemoryReadModelStore({ level })

  describe('documents that were spoilt', () => {
    test('are repaired in place, while the others stay as they are', async () => {
      await using world = await filled({ tuning, readModels: readModels() })
      const before = await documentsOf(world, balances)
      await spoil(world, spoilt)
      const repaired = await world.projections.rebuild('by-account', { keys: ['a0', 'a1', 'x9'] })
      expect(repaired).toMatchObject({ generation, documents: 3, events: 22 })
      expect(await documentsOf(world, balances)).toEqual(before)
      await world.append('account-a0', deposited.create({ amount: 100 }))
      await world.append('account-a1', closed.create({}))
      await world.settle('by-account')
      const after = await documentsOf(world, balances)
      expect(after[0]).toMatchObject({ _id: 'a0', balance: 145 })
      expect(after.map(({ _id }) => _id)).not.toContain('a1')
    })

    test('are found by a dry run, with what is wrong, and nothing is changed', async () => {
      const watched = new WatchedStore(readModels())
      await using world = await filled({ tuning, readModels: watched.store })
      await spoil(world, spoilt)
      const found = await world.projections.rebuild('by-account', { verify: true })
      expect(found).toMatchObject({ documents: 11, differing: 3, unsettled: 0, events: 110 })
      expect(found.differences.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        {
          model: 'balances',
          id: 'a0',
          found: spoilt.a0,
          expected: { _id: 'a0', owner: 'Owner 0', balance: 45 },
          paths: ['balance', 'owner'],
        },
        {
          model: 'balances',
          id: 'a1',
          found: undefined,
          expected: { _id: 'a1', owner: 'Owner 1', balance: 45 },
          paths: [],
        },
        { model: 'balances', id: 'x9', found: spoilt.x9, expected: undefined, paths: [] },
      ])
      expect((await documentsOf(world, balances))[0]).toEqual(spoilt.a0)
      expect([...watched.existing]).toEqual(['balances__v1_1'])
      expect(await world.readModels.generations('by-account')).toMatchObject({
        active: { number: 1 },
        building: undefined,
      })
    })

    test('are found among some documents, too', async () => {
      await using world = await filled({ tuning, readModels: readModels() })
      await spoil(world, spoilt)
      const keys = ['a0', 'a2', 'x9']
      const found = await world.projections.rebuild('by-account', { keys, verify: true })
      expect(found.differences.map(({ id }) => id).sort()).toEqual(['a0', 'x9'])
      expect((await documentsOf(world, balances))[0]).toEqual(spoilt.a0)
    })
  })
})

test('a dry run of what is right finds nothing, also while events arrive', async () => {
  await using world = await filled({ tuning })
  const writing: Promise<unknown>[] = []
  const found = await world.projections.rebuild('by-account', {
    verify: true,
    batch: 10,
    onProgress: () => {
      if (writing.length < 50)
        writing.push(world.append('account-a0', deposited.create({ amount: 1 })))
    },
  })
  await Promise.all(writing)
  expect(found).toMatchObject({ documents: 10, differing: 0, differences: [], unsettled: 0 })
})

test('a dry run of some documents takes them as they are stored: without classes and what is undefined', async () => {
  class Card {
    readonly note = undefined
    readonly lines = [undefined, { amount: undefined }]
    constructor(readonly _id: string) {}
  }
  const cards = defineReadModel<Card>('cards')
  const handlers = [on(opened, cards, (_event, _card, { aggregateId }) => new Card(aggregateId))]
  const byCard = defineProjection('by-card', { into: cards, handlers })
  await using world = new World([defineAccount(), byCard], { tuning })
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await world.settle('by-card')
  const options = { verify: true, keys: ['a1'] } as const
  expect(await world.projections.rebuild('by-card', options)).toMatchObject({
    documents: 1,
    differences: [],
  })
})

test('a dry run tells of as many differences as it is asked for, and counts all', async () => {
  await using world = await filled({ tuning })
  const wrong = (id: string) => [id, { _id: id, owner: 'Eve', balance: 0 }] as const
  await spoil(world, Object.fromEntries(['a0', 'a1', 'a2'].map(wrong)))
  const options = { verify: true, differences: 1 } as const
  const found = await world.projections.rebuild('by-account', options)
  expect(found.differing).toBe(3)
  expect(found.differences).toHaveLength(1)
})

test('a repair under load leaves no event out and applies none twice', async () => {
  await using world = await filled({ tuning })
  await spoil(world, { a0: { _id: 'a0' } })
  const writing: Promise<unknown>[] = []
  const repaired = world.projections.rebuild('by-account', {
    keys: ['a0'],
    batch: 5,
    onProgress: () => writing.push(world.append('account-a0', deposited.create({ amount: 1 }))),
  })
  await repaired
  await Promise.all(writing)
  await world.settle('by-account')
  expect((await documentsOf(world, balances))[0]).toEqual({
    _id: 'a0',
    owner: 'Owner 0',
    balance: 45 + writing.length,
  })
})

test('a document that waits behind a dead letter is repaired with the letter, and that is settled', async () => {
  let isBroken = true
  const fragile = defineProjection('by-account', {
    into: balances,
    handlers: [
      on(opened, balances, ({ owner }, _document, { aggregateId }) => ({
        _id: aggregateId,
        owner,
        balance: 0,
      })),
      on(deposited, balances, ({ amount }, document) => {
        if (isBroken) throw new RangeError('unlucky')
        document!.balance += amount
      }),
    ],
  })
  await using world = new World([defineAccount(), fragile], { tuning })
  await world.append(
    'account-a0',
    opened.create({ owner: 'Ada' }),
    deposited.create({ amount: 1 }),
    deposited.create({ amount: 2 }),
  )
  await world.projections.start()
  await world.settle('by-account')
  expect(await lettersOf(world)).toBe(2)
  isBroken = false
  await world.projections.rebuild('by-account', { keys: ['a0'] })
  expect(await documentsOf(world, balances)).toEqual([{ _id: 'a0', owner: 'Ada', balance: 3 }])
  expect(await lettersOf(world)).toBe(0)
})

test('a repair is refused where a document cannot be folded by itself', async () => {
  const kept = defineReadModel<ReadModelDocument>('kept', { history: true })
  const historical = defineProjection('historical', {
    into: kept,
    handlers: [on(opened, kept, (_event, _document, { aggregateId }) => ({ _id: aggregateId }))],
  })
  await using world = new World([defineAccount(), historical], { tuning })
  const refused = world.projections.rebuild('historical', { keys: ['a0'] })
  await expect(refused).rejects.toThrow(RepairRefusedError)
  await expect(refused).rejects.toThrow('read model "kept" keeps its history')
})

test('a repair of a stream folds the documents its events are for, with those of all other streams', async () => {
  const owners = defineReadModel<ReadModelDocument & { accounts: number }>('owners')
  const byOwner = defineProjection('by-owner', {
    into: owners,
    handlers: [
      on(
        opened,
        owners,
        ({ owner }, document) => ({ _id: owner, accounts: (document?.accounts ?? 0) + 1 }),
        { key: ({ owner }) => owner },
      ),
    ],
  })
  await using world = new World([defineAccount(), byOwner], { tuning })
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.append('account-a2', opened.create({ owner: 'Ada' }))
  await world.append('account-a3', opened.create({ owner: 'Bob' }))
  await world.projections.start()
  await world.settle('by-owner')
  const repaired = await world.projections.rebuild('by-owner', { streams: ['account-a1'] })
  expect(repaired).toMatchObject({ documents: 1, events: 2 })
  expect(await documentsOf(world, owners)).toEqual([
    { _id: 'Ada', accounts: 2 },
    { _id: 'Bob', accounts: 1 },
  ])
})
