import { InMemoryLeaseStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  createSingletonResolver,
  Projections,
  randomIds,
  silentLogger,
  SnapshotRebuildRefusedError,
  systemClock,
} from '../../../src/index.ts'
import { closed, deposited, noted, opened } from '../../fixtures/accounts.ts'
import { around } from '../../fixtures/around.ts'
import { balances, bank, documentsOf } from '../../fixtures/balances.ts'
import { failureOf } from '../../fixtures/collect.ts'
import { bankOf, filledBank, storedIn, takeSnapshot } from '../../fixtures/snapshot-balances.ts'
import { World } from '../../fixtures/world.ts'

const from = 'snapshots'

describe('a rebuild from snapshots', () => {
  test('that knows the first events reads of each aggregate what its snapshot does not have', async () => {
    await using world = new World(bankOf({ firstEvents: [opened] }))
    for (const id of ['a0', 'a1']) {
      await world.append(`account-${id}`, opened.create({ owner: 'Ada' }))
      for (let count = 0; count < 50; count += 1)
        await world.append(`account-${id}`, deposited.create({ amount: 1 }))
      await takeSnapshot(world, id, 48n)
    }
    const read: unknown[] = []
    const eventStore = around(world.eventStore, {
      readStream: (readStream, stream, options) => {
        read.push([stream, options?.from, options?.direction ?? 'forwards'])
        return readStream(stream, options)
      },
    })
    await using other = world.another(bankOf({ firstEvents: [opened] }), { eventStore })
    const { events, snapshots } = await other.projections.rebuild('by-account', { from })
    expect({ events, snapshots }).toEqual({ events: 4, snapshots: 2 })
    expect(read).toEqual([
      ['account-a0', 48n, 'backwards'],
      ['account-a1', 48n, 'backwards'],
      ['account-a0', 49n, 'forwards'],
      ['account-a1', 49n, 'forwards'],
    ])
  })

  test('that knows the first events has those that arrive while it looks for them', async () => {
    await using world = new World(bankOf({ firstEvents: [opened] }))
    for (let index = 0; index < 1_500; index += 1)
      await world.append(`account-a${index}`, opened.create({ owner: 'Ada' }))
    const writing: Promise<unknown>[] = []
    await world.projections.rebuild('by-account', {
      from,
      batch: 100,
      onProgress: () => {
        if (writing.length > 0) return
        writing.push(world.append('account-a0', deposited.create({ amount: 7 })))
        writing.push(world.append('account-b0', opened.create({ owner: 'Bob' })))
      },
    })
    await Promise.all(writing)
    const documents = await documentsOf(world, balances)
    expect(documents).toHaveLength(1_501)
    expect(documents[0]).toEqual({ _id: 'a0', owner: 'Ada', balance: 7 })
  })

  test('that knows the wrong first events is refused where that shows', async () => {
    await using world = await filledBank({ firstEvents: [closed] })
    let isWritten = false
    const rebuilding = world.projections.rebuild('by-account', {
      from,
      onProgress: () => {
        if (isWritten) return
        isWritten = true
        void world.append('account-a0', deposited.create({ amount: 1 }))
      },
    })
    await expect(rebuilding).rejects.toThrow(
      'because stream "account-a0" begins with "account.opened", which is none of the first events it names',
    )
    expect(await world.readModels.generations('by-account')).toMatchObject({
      active: { number: 1 },
    })
  })

  test('counts the events of a document from the snapshot on', async () => {
    await using world = await filledBank({})
    await world.projections.rebuild('by-account', { from })
    const { active } = (await world.readModels.generations('by-account'))!
    const stored = await world.readModels.load(active!, balances, ['a0', 'a2'])
    expect(stored.get('a0')?.events).toBe(1)
    expect(stored.get('a2')?.events).toBe(4)
  })

  test('takes the position of the last event the projection handles', async () => {
    await using world = await filledBank({})
    for (let count = 0; count < 60; count += 1)
      await world.append('account-a0', noted.create({ text: 'hm' }))
    await takeSnapshot(world, 'a0', 63n)
    await world.projections.rebuild('by-account', { from })
    expect(await storedIn(world)).toMatchObject({ a0: { position: 3n, document: { balance: 6 } } })
  })

  test('is refused where the projection does not say how', async () => {
    await using world = new World(bank)
    const failure = await failureOf(() => world.projections.rebuild('by-account', { from }))
    expect(failure).toBeInstanceOf(SnapshotRebuildRefusedError)
    expect((failure as Error).message).toBe(
      'Projection "by-account" cannot be rebuilt from snapshots, because it does not say how a document follows from the state of an aggregate: give it fromSnapshot. Rebuild it from events, without "from".',
    )
    expect(await world.readModels.generations('by-account')).not.toHaveProperty('building.number')
  })

  test('is refused where nobody stores snapshots', async () => {
    await using world = await filledBank({})
    const { model, eventStore, readModels, leases, codec } = world
    const resolver = createSingletonResolver()
    const environment = { clock: systemClock, ids: randomIds, logger: silentLogger, resolver }
    const ports = { eventStore, readModels, leases, codec, ...environment }
    const projections = new Projections(model, ports)
    await expect(projections.rebuild('by-account', { from })).rejects.toThrow(
      'because the application has no store of snapshots. Rebuild it from events',
    )
  })

  test('is refused for single documents', async () => {
    await using world = await filledBank({})
    const rebuilding = world.projections.rebuild('by-account', { from, keys: ['a0'] })
    await expect(rebuilding).rejects.toThrow('single documents are folded from events')
  })

  test('is refused where a document has events of another aggregate', async () => {
    await using world = await filledBank({})
    await world.append('wallet-a0', deposited.create({ amount: 1 }))
    await expect(world.projections.rebuild('by-account', { from })).rejects.toThrow(
      'because its documents have events of other aggregates than "account", such as "account.deposited" in stream "wallet-a0"',
    )
  })

  test('joins one that is under way', async () => {
    await using world = await filledBank({})
    const [first, second] = await Promise.all([
      world.projections.rebuild('by-account', { from, batch: 1 }),
      world.projections.rebuild('by-account', { from }),
    ])
    expect(second.generation.number).toBe(first.generation.number)
    expect([first.snapshots, second.snapshots].sort()).toEqual([0, 2])
  })

  test('starts anew where an earlier rebuild was cut off', async () => {
    const tuning = { retryDelaysMs: [], leaseMs: 100 }
    await using world = await filledBank({}, { tuning })
    let isDead = false
    const readModels = around(world.readModels, {
      commit: async (commit, what) => {
        if (isDead) throw new RangeError('died')
        isDead = true
        return commit(what)
      },
      saveGenerations: (save, ...rest) =>
        isDead ? Promise.reject(new RangeError('dead')) : save(...rest),
      drop: (drop, ...rest) => (isDead ? Promise.reject(new RangeError('dead')) : drop(...rest)),
    })
    const dying = world.another(bankOf(), { readModels, leases: new InMemoryLeaseStore(), tuning })
    await failureOf(() => dying.projections.rebuild('by-account', { batch: 3 }))
    const { generation, snapshots } = await world.projections.rebuild('by-account', { from })
    expect({ number: generation.number, snapshots }).toEqual({ number: 3, snapshots: 2 })
  })
})
