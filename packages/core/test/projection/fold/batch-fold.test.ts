import { describe, expect, test } from 'vitest'
import {
  type Definition,
  defineEvent,
  defineProjection,
  defineReadModel,
  on,
  type ReadModelCommit,
  type ReadModelDocument,
} from '../../../src/index.ts'
import { closed, deposited, opened } from '../../fixtures/accounts.ts'
import { balances, bank, documentsOf } from '../../fixtures/balances.ts'
import { eventsOf } from '../../fixtures/collect.ts'
import { recordingCommits } from '../../fixtures/recording-commits.ts'
import { World } from '../../fixtures/world.ts'

async function settled(
  definitions: readonly Definition[],
  name: string,
  fill: (world: World) => Promise<unknown>,
): Promise<World> {
  const world = new World(definitions, { tuning: { retryDelaysMs: [] } })
  await fill(world)
  await world.projections.start()
  await world.settle(name)
  return world
}

describe('a document', () => {
  test('is made, changed in place and replaced by its events', async () => {
    await using world = await settled(bank, 'by-account', async (filled) => {
      await filled.append(
        'account-a1',
        opened.create({ owner: 'Ada' }),
        deposited.create({ amount: 5 }),
      )
      await filled.append('account-a2', opened.create({ owner: 'Bob' }))
      await filled.append('account-a1', deposited.create({ amount: 7 }))
    })
    expect(await documentsOf(world, balances)).toEqual([
      { _id: 'a1', owner: 'Ada', balance: 12 },
      { _id: 'a2', owner: 'Bob', balance: 0 },
    ])
  })

  const death = ['account-a1', opened.create({ owner: 'Ada' }), closed.create({})] as const

  test('is deleted by null', async () => {
    await using world = await settled(bank, 'by-account', (filled) => filled.append(...death))
    expect(await documentsOf(world, balances)).toEqual([])
  })

  test('comes back after its deletion in the same batch', async () => {
    await using world = await settled(bank, 'by-account', (filled) =>
      filled.append(...death, opened.create({ owner: 'Eve' })),
    )
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Eve', balance: 0 }])
  })

  test('comes back after its deletion in the next batch, and after a restart', async () => {
    await using world = await settled(bank, 'by-account', (filled) => filled.append(...death))
    await world.append('account-a1', opened.create({ owner: 'Eve' }), closed.create({}))
    await world.settle('by-account')
    expect(await documentsOf(world, balances)).toEqual([])
    await world.projections.stop()
    await world.append('account-a1', opened.create({ owner: 'Zoe' }))
    await world.projections.start()
    await world.settle('by-account')
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Zoe', balance: 0 }])
  })
})

test('a write says how many events its document has, across restarts and deletions', async () => {
  const commits: ReadModelCommit[] = []
  await using world = new World(bank, { readModels: recordingCommits(commits) })
  await world.append('account-a1', opened.create({ owner: 'Ada' }), deposited.create({ amount: 1 }))
  await world.projections.start()
  await world.settle('by-account')
  await world.projections.stop()
  await world.append('account-a1', deposited.create({ amount: 1 }))
  await world.projections.start()
  await world.settle('by-account')
  await world.append('account-a1', closed.create({}), opened.create({ owner: 'Eve' }))
  await world.settle('by-account')
  const counts = commits.flatMap(({ writes }) => writes.map(({ events }) => events))
  expect(counts).toEqual([2, 3, 1])
})

describe('N events on one document are one write', () => {
  test('in one commit', async () => {
    const commits: ReadModelCommit[] = []
    await using world = new World(bank, { readModels: recordingCommits(commits) })
    const deposits = Array.from({ length: 100 }, () => deposited.create({ amount: 1 }))
    await world.append('account-a1', opened.create({ owner: 'Ada' }), ...deposits)
    await world.projections.start()
    await world.settle('by-account')
    expect(commits).toHaveLength(1)
    expect(commits[0]?.writes).toMatchObject([
      { id: 'a1', document: { balance: 100 }, position: 100n, previous: undefined },
    ])
    expect(world.projections.status()[0]).toMatchObject({
      eventsApplied: 101,
      batches: 1,
      retries: 0,
    })
  })
})

test('a write names the stored version it was folded from', async () => {
  const commits: ReadModelCommit[] = []
  await using world = new World(bank, { readModels: recordingCommits(commits) })
  await world.projections.start()
  const events = [
    opened.create({ owner: 'Ada' }),
    deposited.create({ amount: 1 }),
    closed.create({}),
  ]
  for (const event of [...events, ...events]) {
    await world.append('account-a1', event)
    await world.settle('by-account')
  }
  const writes = commits.flatMap((commit) => commit.writes)
  expect(writes.map(({ previous, position }) => [previous, position])).toEqual([
    [undefined, 0n],
    [0n, 1n],
    [1n, 2n],
    [2n, 3n],
    [3n, 4n],
    [4n, 5n],
  ])
})

interface Tagged extends ReadModelDocument {
  count: number
  tags: string[]
}
const tagged = defineReadModel<Tagged>('tagged')
const sent = defineEvent<{ to: string[]; tags: string[] }>('mail.sent')

test('one event reaches every document its key names, each once', async () => {
  const perReader = defineProjection('inbox', {
    into: tagged,
    handlers: ['ada', 'bob', 'eve'].map((reader) =>
      on(
        sent,
        tagged,
        ({ tags }, document) => ({ _id: reader, count: (document?.count ?? 0) + 1, tags }),
        {
          key: ({ to }) => to.filter((one) => one === reader),
        },
      ),
    ),
  })
  await using world = await settled([perReader], 'inbox', (filled) =>
    filled.append(
      'mail-1',
      sent.create({ to: ['ada', 'bob', 'ada'], tags: [] }),
      sent.create({ to: ['bob'], tags: [] }),
    ),
  )
  expect(await documentsOf(world, tagged)).toEqual([
    { _id: 'ada', count: 1, tags: [] },
    { _id: 'bob', count: 2, tags: [] },
  ])
})

test('documents made from one event share nothing, and may be changed', async () => {
  const both = (reader: string) => [
    on(
      sent,
      tagged,
      ({ tags }, document) => {
        if (!document) return { _id: reader, count: 1, tags }
        document.count += 1
        if (reader === 'ada') document.tags.push(...tags)
        return undefined
      },
      { key: () => reader },
    ),
  ]
  const projection = defineProjection('inbox', {
    into: tagged,
    handlers: [...both('ada'), ...both('bob')],
  })
  await using world = await settled([projection], 'inbox', (filled) =>
    filled.append(
      'mail-1',
      sent.create({ to: [], tags: ['x'] }),
      sent.create({ to: [], tags: ['y'] }),
    ),
  )
  expect(await documentsOf(world, tagged)).toEqual([
    { _id: 'ada', count: 2, tags: ['x', 'y'] },
    { _id: 'bob', count: 2, tags: ['x'] },
  ])
})

test('an event without a key, or with none of many, is for no document', async () => {
  const projection = defineProjection('some', {
    into: tagged,
    handlers: [
      on(
        sent,
        tagged,
        (_event, document) => ({ _id: 'long', count: (document?.count ?? 0) + 1, tags: [] }),
        {
          key: ({ to }) => (to.length > 1 ? 'long' : undefined),
        },
      ),
      on(sent, tagged, () => ({ _id: 'never', count: 0, tags: [] }), { key: () => [] }),
    ],
  })
  await using world = await settled([projection], 'some', (filled) =>
    filled.append(
      'mail-1',
      sent.create({ to: ['a'], tags: [] }),
      sent.create({ to: ['a', 'b'], tags: [] }),
    ),
  )
  expect(await documentsOf(world, tagged)).toEqual([{ _id: 'long', count: 1, tags: [] }])
})

test('one projection fills several read models in the same commit', async () => {
  const commits: ReadModelCommit[] = []
  const totals = defineReadModel<ReadModelDocument & { sum: number }>('totals')
  const projection = defineProjection('accounts-and-totals', {
    into: [balances, totals],
    handlers: [
      on(opened, balances, ({ owner }, _document, { aggregateId }) => ({
        _id: aggregateId,
        owner,
        balance: 0,
      })),
      on(deposited, balances, ({ amount }, document) => void (document!.balance += amount)),
      on(
        deposited,
        totals,
        ({ amount }, document) => ({ _id: 'all', sum: (document?.sum ?? 0) + amount }),
        { key: () => 'all' },
      ),
    ],
  })
  await using world = new World([projection], { readModels: recordingCommits(commits) })
  await world.append('account-a1', opened.create({ owner: 'Ada' }), deposited.create({ amount: 3 }))
  await world.append('account-a2', opened.create({ owner: 'Bob' }), deposited.create({ amount: 4 }))
  await world.projections.start()
  await world.settle('accounts-and-totals')
  expect(commits.map(({ writes }) => writes.length)).toEqual([3])
  expect(await documentsOf(world, totals)).toEqual([{ _id: 'all', sum: 7 }])
  expect(await documentsOf(world, balances)).toHaveLength(2)
})

test('a handler knows where its event comes from', async () => {
  const seen: unknown[] = []
  const projection = defineProjection('context', {
    into: balances,
    handlers: [
      on(opened, balances, ({ owner }, document, context) => {
        const { aggregateId, stream, type, revision, position, eventId, recordedAt, metadata } =
          context
        seen.push({
          document,
          aggregateId,
          stream,
          type,
          revision,
          position,
          eventId,
          recordedAt,
          metadata,
        })
        return { _id: aggregateId, owner, balance: 0 }
      }),
    ],
  })
  await using world = await settled([projection], 'context', (filled) =>
    filled.append('account-a-1', opened.create({ owner: 'Ada' })),
  )
  const [recorded] = await eventsOf(world.eventStore, 'account-a-1')
  expect(seen).toEqual([
    {
      document: undefined,
      aggregateId: 'a-1',
      stream: 'account-a-1',
      type: 'account.opened',
      revision: 0n,
      position: 0n,
      eventId: recorded?.id,
      recordedAt: recorded?.recordedAt,
      metadata: {},
    },
  ])
})
