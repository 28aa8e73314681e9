import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  defineProjection,
  defineReadModel,
  on,
  type ReadModelStore,
  type StoredVersion,
} from '../../../src/index.ts'
import { closed, defineAccount, deposited, opened } from '../../fixtures/accounts.ts'
import { around } from '../../fixtures/around.ts'
import { World } from '../../fixtures/world.ts'

interface Balance {
  readonly _id: string
  balance: number
}

const past = defineReadModel<Balance>('past', { history: true })
const byAccount = defineProjection('by-account', {
  into: past,
  handlers: [
    on(opened, past, (_event, _document, { aggregateId }) => ({ _id: aggregateId, balance: 0 })),
    on(deposited, past, ({ amount }, document) => {
      if (document) document.balance += amount
    }),
    on(closed, past, () => null),
  ],
})
const definitions = [defineAccount(), byAccount]

/** Reads the versions of the first generation as a test spoils them. */
function spoilt(
  store: ReadModelStore,
  spoil: (version: StoredVersion) => StoredVersion | undefined,
): ReadModelStore {
  const kept = (versions: readonly StoredVersion[]) =>
    versions.map(spoil).filter((version) => version !== undefined)
  return around(store, {
    listVersions: async (list, generation, model, after, limit) => {
      const found: StoredVersion[] = []
      // A page that is not full is the last one.
      for (let last = after; found.length < limit;) {
        const page = await list(generation, model, last, limit)
        found.push(...(generation.number === 1 ? kept(page) : page))
        last = page.at(-1)
        if (page.length < limit) break
      }
      return found
    },
    loadVersions: async (load, generation, ...rest) => {
      const found = await load(generation, ...rest)
      return generation.number === 1 ? kept(found) : found
    },
  })
}

/** Two accounts with three deposits each, at positions 0 to 7, and one that was closed, at 8 and 9. */
async function filled(
  spoil: (version: StoredVersion) => StoredVersion | undefined = (version) => version,
  level: 'exactly-once' | 'idempotent' = 'exactly-once',
): Promise<World> {
  const readModels = spoilt(new InMemoryReadModelStore({ level }), spoil)
  const world = new World(definitions, { readModels })
  for (const id of ['a0', 'a1']) {
    await world.append(`account-${id}`, opened.create({ owner: 'Ada' }))
    for (const amount of [1, 2, 3])
      await world.append(`account-${id}`, deposited.create({ amount }))
  }
  await world.append('account-a2', opened.create({ owner: 'Bob' }))
  await world.append('account-a2', closed.create({}))
  await world.projections.start()
  await world.settle('by-account')
  return world
}

const at = expect.any(Date) as Date

describe.each(['exactly-once', 'idempotent'] as const)('a dry run at level %s', (level) => {
  test('compares the versions of documents, of deleted ones, too', async () => {
    await using world = await filled(undefined, level)
    const found = await world.projections.rebuild('by-account', { verify: true })
    expect(found).toMatchObject({ documents: 2, versions: 9, differing: 0, differences: [] })
  })

  test('names the version that has another document, and where', async () => {
    await using world = await filled((version) => {
      const { id, from, document } = version
      return id === 'a1' && from === 5n
        ? { ...version, document: { ...document, balance: 99 } }
        : version
    }, level)
    const { differing, differences } = await world.projections.rebuild('by-account', {
      verify: true,
    })
    const validity = { to: 6n, fromAt: at, toAt: at }
    expect(differing).toBe(1)
    expect(differences).toEqual([
      {
        model: 'past',
        id: 'a1',
        found: { _id: 'a1', balance: 99 },
        expected: { _id: 'a1', balance: 1 },
        paths: ['balance'],
        version: { from: 5n, found: validity, expected: validity },
      },
    ])
  })

  test('names versions that are missing, or of another time', async () => {
    await using world = await filled((version) => {
      if (version.from === 2n || version.from === 8n) return undefined
      return version.from === 1n ? { ...version, to: 3n } : version
    }, level)
    const { differences } = await world.projections.rebuild('by-account', { verify: true })
    const named = differences.map(({ id, paths, version }) => [id, paths, version])
    expect(named.toSorted()).toEqual(
      [
        [
          'a0',
          [],
          {
            from: 1n,
            found: { to: 3n, fromAt: at, toAt: at },
            expected: { to: 2n, fromAt: at, toAt: at },
          },
        ],
        ['a0', [], { from: 2n, found: undefined, expected: { to: 3n, fromAt: at, toAt: at } }],
        ['a2', [], { from: 8n, found: undefined, expected: { to: 9n, fromAt: at, toAt: at } }],
      ].toSorted(),
    )
  })
})

test('a dry run names versions that the log does not come to', async () => {
  await using world = await filled()
  await using fewer = world.another(
    [
      defineAccount(),
      defineProjection('by-account', { into: past, handlers: byAccount.handlers.slice(0, 1) }),
    ],
    { readModels: world.readModels },
  )
  const more = await fewer.projections.rebuild('by-account', { verify: true, differences: 4 })
  expect(more.differing).toBe(3 + 9)
  expect(more.differences).toHaveLength(4)
  expect(more.differences[3]).toHaveProperty('version')
}, 20_000)

test('a dry run of a right history finds nothing while events arrive', async () => {
  await using world = await filled()
  const writing: Promise<unknown>[] = []
  const { differing, versions, unsettled } = await world.projections.rebuild('by-account', {
    verify: true,
    batch: 2,
    onProgress: () => {
      if (writing.length < 60)
        writing.push(world.append('account-a0', deposited.create({ amount: 1 })))
    },
  })
  await Promise.all(writing)
  expect({ differing, unsettled }).toEqual({ differing: 0, unsettled: 0 })
  expect(versions).toBeGreaterThan(8)
})

test('a dry run leaves out versions that may have been dropped', async () => {
  const kept = defineReadModel<Balance>('past', { history: { keepMs: 0 } })
  const projection = defineProjection('by-account', {
    into: kept,
    handlers: byAccount.handlers.map((handler) => ({ ...handler, model: kept })),
  })
  const gone = spoilt(new InMemoryReadModelStore(), (version) =>
    version.to === undefined ? version : undefined,
  )
  await using world = new World([defineAccount(), projection], { readModels: gone })
  await world.append('account-a0', opened.create({ owner: 'Ada' }))
  await world.append('account-a0', deposited.create({ amount: 1 }))
  await world.projections.start()
  await world.settle('by-account')
  const { differences } = await world.projections.rebuild('by-account', { verify: true })
  expect(differences).toEqual([])
})
