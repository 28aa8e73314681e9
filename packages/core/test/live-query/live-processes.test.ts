import { setImmediate } from 'node:timers/promises'
import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import { defineQueryHandler, Query, type ReadModelChanges } from '../../src/index.ts'
import { deposit, open } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { type Balance, balances } from '../fixtures/balances.ts'
import { ChangesByHand } from '../fixtures/changes-by-hand.ts'
import { LiveWorld } from '../fixtures/live-world.ts'
import { definitions, GetBalance, type View } from '../fixtures/queries.ts'
import { until } from '../fixtures/until.ts'

describe('a live query over what another process writes', () => {
  test('sees its changes where the store tells of them', async () => {
    const readModels = new InMemoryReadModelStore()
    await using writer = new LiveWorld(definitions, { readModels })
    await writer.projections.start()
    await using reader = writer.joined({ readModels })
    const results = reader.read(new GetBalance('a1'))
    expect(await results.next()).toBeUndefined()
    await writer.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await results.next()).toBe(0)
    expect(reader.live.status()).toMatchObject({ state: 'live', source: 'memory' })
  })

  test('sees its changes where the checkpoints are polled', async () => {
    const store = new InMemoryReadModelStore()
    let looks = 0
    const readModels = around<InMemoryReadModelStore>(store, {
      generations: (generations, projection) => {
        looks += 1
        return generations(projection)
      },
    })
    await using writer = new LiveWorld(definitions, { readModels: store })
    await writer.projections.start()
    await using reader = writer.joined({ readModels, changes: null })
    const results = reader.read(new GetBalance('a1'))
    expect(await results.next()).toBeUndefined()
    await writer.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await results.next()).toBe(0)
    expect(reader.live.status()).toMatchObject({ state: 'live', source: 'polling' })
    const before = looks
    await until(() => looks > before + 5)
    expect(reader.live.status().runs).toBe(2)
  })

  test.each([{ told: 'by the store' }, { told: 'by polling', changes: null }])(
    'follows a rebuild that another process makes, told $told',
    async ({ changes }) => {
      const readModels = new InMemoryReadModelStore()
      await using writer = new LiveWorld(definitions, { readModels })
      await writer.projections.start()
      await writer.commands.execute(open, { id: 'a1', owner: 'Ada' })
      await writer.settle('by-account')
      await using reader = writer.joined({
        readModels,
        ...(changes === null && { changes }),
      })
      const results = reader.read(new GetBalance('a1'))
      expect(await results.next()).toBe(0)
      await writer.projections.rebuild('by-account')
      await writer.projections.rebuild('by-account')
      await writer.commands.execute(deposit, { id: 'a1', amounts: [4] })
      expect(await results.next()).toBe(4)
    },
  )
})

describe('what a process commits itself', () => {
  /** Watches that tell only what a test has them tell. */
  function mute(readModels: InMemoryReadModelStore): ChangesByHand {
    return new ChangesByHand(
      around<ReadModelChanges>(readModels.changes, {
        watch: (watch, models) =>
          watch(models, { onChanges: () => undefined, onState: () => undefined }),
      }),
    )
  }

  test('is told once, though the store tells of it too', async () => {
    const readModels = new InMemoryReadModelStore()
    const changes = mute(readModels)
    await using world = new LiveWorld(definitions, { readModels, changes })
    await world.projections.start()
    const reader = world.read(new GetBalance('a1'))
    await reader.next()
    const { position = 0n } = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await reader.next()).toBe(0)
    const change = { kind: 'document', collection: 'balances__v1_1', id: 'a1' } as const
    const [listener] = changes.listeners
    listener?.onChanges([{ ...change, position }])
    await setImmediate()
    expect(world.live.status().runs).toBe(2)
    listener?.onChanges([{ ...change, position: position + 1n }])
    await until(() => world.live.status().runs === 3)
    listener?.onChanges([{ ...change, position: undefined }])
    await until(() => world.live.status().runs === 4)
  })

  test('is told once, though its checkpoint is polled too', async () => {
    const store = new InMemoryReadModelStore()
    let looks = 0
    const readModels = around<InMemoryReadModelStore>(store, {
      generations: (generations, projection) => {
        looks += 1
        return generations(projection)
      },
    })
    await using world = new LiveWorld(definitions, { readModels, changes: null })
    await world.projections.start()
    const reader = world.read(new GetBalance('a1'))
    await reader.next()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await reader.next()).toBe(0)
    const before = looks
    await until(() => looks > before + 5)
    expect(world.live.status().runs).toBe(2)
  })

  test('and what others do is in the first result after a command, told or not', async () => {
    const readModels = new InMemoryReadModelStore()
    await using writer = new LiveWorld(definitions, { readModels })
    await writer.projections.start()
    await writer.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await writer.settle('by-account')
    await using reader = writer.joined({ readModels, changes: mute(readModels) })
    expect(await reader.read(new GetBalance('a1')).next()).toBe(0)
    await writer.projections.rebuild('by-account')
    const after = await writer.commands.execute(deposit, { id: 'a1', amounts: [4] })
    for await (const balance of reader.live.subscribe(new GetBalance('a1'), { after })) {
      expect(balance).toBe(4)
      break
    }
  })
})

describe('a rebuild', () => {
  test('runs the queries on its read models again, on the new documents', async () => {
    const generations: string[] = []
    class Where extends Query<number> {}
    const where = defineQueryHandler(Where, {
      reads: [balances],
      execute: async (_query, view: View<Balance>) => {
        const count = await view.countDocuments()
        generations.push(`run ${generations.length + 1}`)
        return count
      },
    })
    await using world = new LiveWorld([...definitions, where])
    await world.projections.start()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new Where())
    expect(await reader.next()).toBe(1)
    await world.projections.rebuild('by-account')
    await until(() => generations.length === 2)
    const next = reader.next()
    await world.commands.execute(open, { id: 'a2', owner: 'Bob' })
    expect(await next).toBe(2)
  })

  test('tells nothing of the documents it makes before readers see them', async () => {
    await using world = new LiveWorld(definitions)
    await world.projections.start()
    for (const id of ['a1', 'a2', 'a3']) await world.commands.execute(open, { id, owner: 'Ada' })
    await world.settle('by-account')
    const reader = world.read(new GetBalance('a1'))
    expect(await reader.next()).toBe(0)
    let runs = 0
    await world.projections.rebuild('by-account', {
      batch: 1,
      onProgress: () => (runs = world.live.status().runs),
    })
    expect(runs).toBe(1)
  })
})
