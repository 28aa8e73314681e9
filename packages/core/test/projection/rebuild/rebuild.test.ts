import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import { RebuildCancelledError, type RebuildProgress } from '../../../src/index.ts'
import { deposited, opened } from '../../fixtures/accounts.ts'
import { around } from '../../fixtures/around.ts'
import { balances, bank, documentsOf } from '../../fixtures/balances.ts'
import { failureOf } from '../../fixtures/collect.ts'
import { filled, generationOf, WatchedStore } from '../../fixtures/filled.ts'
import { signal, until } from '../../fixtures/until.ts'
import { World } from '../../fixtures/world.ts'

describe('a rebuild', () => {
  test('makes documents equal byte for byte and tells what it did', async () => {
    await using world = await filled()
    const before = JSON.stringify(await documentsOf(world, balances))
    const built = await world.projections.rebuild('by-account')
    expect(built).toMatchObject({
      generation: { projection: 'by-account', version: 1, number: 2 },
      events: 110,
    })
    expect(JSON.stringify(await documentsOf(world, balances))).toBe(before)
    expect(before).toContain('"balance":45')
  })

  test('goes on with the new generation afterwards', async () => {
    await using world = await filled()
    await world.projections.rebuild('by-account')
    await world.append('account-a0', deposited.create({ amount: 100 }))
    await world.settle('by-account')
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 145 })
    await until(() => world.projections.status()[0]?.state === 'live')
    expect(generationOf(world)?.number).toBe(2)
  })

  test('of what never ran builds it, and starts nothing', async () => {
    await using world = new World(bank)
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.projections.rebuild('by-account')
    expect(await documentsOf(world, balances)).toHaveLength(1)
    expect(world.projections.status()[0]?.state).toBe('stopped')
  })

  test('of what was stopped builds it, and starts nothing', async () => {
    await using world = await filled()
    await world.projections.stop()
    expect((await world.projections.rebuild('by-account')).events).toBe(110)
    expect(world.projections.status()[0]?.state).toBe('stopped')
  })

  test('shows readers the old documents until all new ones are there', async () => {
    const begun = signal()
    const goOn = signal()
    let isHeld = false
    const readModels = around(new InMemoryReadModelStore(), {
      commit: async (commit, what) => {
        const done = await commit(what)
        if (isHeld && what.generation.number === 2) {
          begun.raise()
          await goOn.raised
        }
        return done
      },
    })
    await using world = await filled({ readModels })
    const before = await documentsOf(world, balances)
    isHeld = true
    const rebuilding = world.projections.rebuild('by-account', { batch: 5 })
    await begun.raised
    expect(await documentsOf(world, balances)).toEqual(before)
    isHeld = false
    goOn.raise()
    await rebuilding
    expect(await documentsOf(world, balances)).toEqual(before)
  })

  test('reports progress that only grows, to the end', async () => {
    await using world = await filled()
    const reports: RebuildProgress[] = []
    await world.projections.rebuild('by-account', {
      batch: 10,
      onProgress: (progress) => reports.push(progress),
    })
    const events = reports.map((report) => report.events)
    const ratios = reports.map((report) => report.ratio)
    expect(reports.length).toBeGreaterThanOrEqual(12)
    expect(events).toEqual(events.toSorted((a, b) => a - b))
    expect(ratios).toEqual(ratios.toSorted((a, b) => a - b))
    expect(reports[0]).toMatchObject({
      projection: 'by-account',
      phase: 'replaying',
      events: 10,
      position: 9n,
      head: 109n,
      ratio: 9 / 109,
    })
    expect(reports.at(-1)).toMatchObject({ phase: 'done', events: 110, ratio: 1, etaMs: 0 })
    expect(new Set(reports.map(({ phase }) => phase))).toEqual(
      new Set(['replaying', 'indexing', 'switching', 'done']),
    )
  })

  test('has the writes that arrive meanwhile, each once', async () => {
    await using world = await filled()
    let writes = 0
    const writing: Promise<unknown>[] = []
    await world.projections.rebuild('by-account', {
      batch: 10,
      onProgress: () => {
        writes += 1
        writing.push(world.append('account-a0', deposited.create({ amount: 1_000 })))
      },
    })
    await Promise.all(writing)
    await world.settle('by-account')
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 45 + writes * 1_000 })
    expect(writes).toBeGreaterThan(10)
  })

  test('keeps the generation before it until the next one, and no more', async () => {
    const watched = new WatchedStore()
    await using world = await filled({ readModels: watched.store })
    await world.projections.rebuild('by-account')
    expect([...watched.existing]).toEqual(['balances__v1_1', 'balances__v1_2'])
    await world.projections.rebuild('by-account')
    await until(() => !watched.existing.has('balances__v1_1'))
    expect([...watched.existing]).toEqual(['balances__v1_2', 'balances__v1_3'])
    expect(await world.readModels.generations('by-account')).toMatchObject({
      active: { number: 3 },
      previous: { number: 2 },
      building: undefined,
    })
  })
})

describe('a rebuild that is cancelled', () => {
  test('leaves nothing behind and the old generation active', async () => {
    const watched = new WatchedStore()
    await using world = await filled({ readModels: watched.store })
    const before = await documentsOf(world, balances)
    const cancel = new AbortController()
    const rebuilding = world.projections.rebuild('by-account', {
      batch: 10,
      signal: cancel.signal,
      onProgress: () => cancel.abort(),
    })
    await expect(rebuilding).rejects.toThrow(RebuildCancelledError)
    expect([...watched.existing]).toEqual(['balances__v1_1'])
    expect(await world.readModels.generations('by-account')).toMatchObject({
      active: { number: 1 },
      building: undefined,
    })
    expect(await documentsOf(world, balances)).toEqual(before)
    await world.append('account-a0', deposited.create({ amount: 1 }))
    await world.settle('by-account')
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 46 })
  })

  test('before it began does nothing', async () => {
    await using world = await filled()
    const rebuilding = world.projections.rebuild('by-account', { signal: AbortSignal.abort() })
    await expect(rebuilding).rejects.toThrow(RebuildCancelledError)
    expect(generationOf(world)?.number).toBe(1)
  })

  test('by the stop of all projections ends with them, and nothing runs afterwards', async () => {
    await using world = await filled()
    const begun = signal()
    const rebuilding = failureOf(() =>
      world.projections.rebuild('by-account', { batch: 1, onProgress: () => begun.raise() }),
    )
    await begun.raised
    await world.projections.stop()
    expect(await rebuilding).toBeInstanceOf(RebuildCancelledError)
    expect(world.projections.status()[0]?.state).toBe('stopped')
    expect(await world.readModels.generations('by-account')).toMatchObject({ building: undefined })
  })
})

test('the same rebuild, asked for here and elsewhere while it runs, is done once', async () => {
  const numbers = new Set<number>()
  const readModels = around(new InMemoryReadModelStore(), {
    create: (create, generation, ...rest) => {
      numbers.add(generation.number)
      return create(generation, ...rest)
    },
  })
  await using world = await filled({ readModels })
  await using other = world.another(bank)
  const begun = signal()
  const first = world.projections.rebuild('by-account', {
    batch: 1,
    onProgress: () => begun.raise(),
  })
  await begun.raised
  const phases = new Set<string>()
  const joined = [
    world.projections.rebuild('by-account'),
    other.projections.rebuild('by-account', { onProgress: ({ phase }) => phases.add(phase) }),
  ]
  const { generation, events } = await first
  expect({ number: generation.number, events }).toEqual({ number: 2, events: 110 })
  for (const one of joined) expect(await one).toMatchObject({ generation, events: 0 })
  expect([...numbers]).toEqual([1, 2])
  expect(phases).toContain('done')
})

describe.each(['exactly-once', 'idempotent'] as const)('at level %s', (level) => {
  test('a commit to the old generation right before the switch makes the switch wait for it', async () => {
    const store = new InMemoryReadModelStore({ level })
    await using world = await filled({ readModels: store })
    await world.projections.stop()
    const old = { projection: 'by-account', version: 1, number: 1 }
    let switches = 0
    const readModels = around(store, {
      saveGenerations: async (save, record, revision, left) => {
        if (left && (switches += 1) === 1) {
          // Another process has come back meanwhile and writes on.
          await using other = world.another(bank)
          await other.projections.start()
          await other.append('account-a0', deposited.create({ amount: 1_000 }))
          await other.settle('by-account')
          const seen = await store.load(old, balances, ['a0'])
          expect(seen.get('a0')?.document).toMatchObject({ balance: 1_045 })
        }
        return save(record, revision, left)
      },
    })
    await using rebuilding = world.another(bank, { readModels })
    await rebuilding.projections.rebuild('by-account')
    expect((await documentsOf(rebuilding, balances))[0]).toMatchObject({ balance: 1_045 })
    expect(switches).toBe(2)
  })
})
