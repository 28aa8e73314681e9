import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  defineQueryHandler,
  Query,
  type ReadModelChanges,
  ReadModelStoreUnavailableError,
} from '../../src/index.ts'
import { deposit, open } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { type Balance, balances } from '../fixtures/balances.ts'
import { ChangesByHand } from '../fixtures/changes-by-hand.ts'
import { LiveWorld } from '../fixtures/live-world.ts'
import { definitions, GetBalance, type View } from '../fixtures/queries.ts'
import { signal, until } from '../fixtures/until.ts'

describe('the watch of a process', () => {
  test('is one for all subscribers, and gone when the last of 1,000 has closed', async () => {
    const readModels = new InMemoryReadModelStore()
    const changes = new ChangesByHand(readModels.changes)
    await using world = new LiveWorld(definitions, { readModels, changes })
    await world.projections.start()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.settle('by-account')
    const readers = Array.from({ length: 1_000 }, () => world.read(new GetBalance('a1')))
    for (const reader of readers) expect(await reader.next()).toBe(0)
    expect(changes.listeners.size).toBe(1)
    expect(world.live.status()).toMatchObject({ subscribers: 1_000, state: 'live' })
    await world.commands.execute(deposit, { id: 'a1', amounts: [2] })
    for (const reader of readers) expect(await reader.next()).toBe(2)
    await Promise.all(readers.map((reader) => reader.close()))
    expect(changes.listeners.size).toBe(0)
    expect(changes).toMatchObject({ opened: 1, closed: 1 })
    expect(world.live.status()).toMatchObject({ subscribers: 0, state: 'idle', source: undefined })
  })

  test('is gone also where subscribers close while it opens', async () => {
    const readModels = new InMemoryReadModelStore()
    const opening = signal()
    const goOn = signal()
    const slow = around<ReadModelChanges>(readModels.changes, {
      watch: async (watch, ...given) => {
        opening.raise()
        await goOn.raised
        return watch(...given)
      },
    })
    const changes = new ChangesByHand(slow)
    await using world = new LiveWorld(definitions, { readModels, changes })
    const reader = world.read(new GetBalance('a1'))
    await opening.raised
    expect(world.live.status().state).toBe('opening')
    const closing = reader.close()
    goOn.raise()
    await closing
    expect(await reader.next()).toBe('end')
    expect(changes).toMatchObject({ opened: 1, closed: 1 })
  })

  test('follows a switch of generations that was made while it opened', async () => {
    const readModels = new InMemoryReadModelStore()
    await using writer = new LiveWorld(definitions, { readModels })
    await writer.projections.start()
    await writer.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await writer.settle('by-account')
    let isFirst = true
    const changes = new ChangesByHand(
      around<ReadModelChanges>(readModels.changes, {
        watch: async (watch, ...given) => {
          if (isFirst) {
            isFirst = false
            await writer.projections.rebuild('by-account')
          }
          return watch(...given)
        },
      }),
    )
    await using reader = writer.joined({ readModels, changes })
    const results = reader.read(new GetBalance('a1'))
    expect(await results.next()).toBe(0)
    expect(changes).toMatchObject({ opened: 2, closed: 1 })
    await writer.commands.execute(deposit, { id: 'a1', amounts: [4] })
    expect(await results.next()).toBe(4)
  })

  test('that cannot be opened fails the subscriber with the reason, and the next one tries anew', async () => {
    const readModels = new InMemoryReadModelStore()
    let isAway = true
    const changes = around<ReadModelChanges>(readModels.changes, {
      watch: (watch, ...given) =>
        isAway
          ? Promise.reject(new ReadModelStoreUnavailableError('mongodb://db', 'watch'))
          : watch(...given),
    })
    await using world = new LiveWorld(definitions, { readModels, changes })
    await expect(world.read(new GetBalance('a1')).next()).rejects.toThrow(
      ReadModelStoreUnavailableError,
    )
    expect(world.live.status()).toMatchObject({ subscribers: 0, state: 'idle' })
    isAway = false
    expect(await world.read(new GetBalance('a1')).next()).toBeUndefined()
  })

  test('runs every query again after a gap', async () => {
    const readModels = new InMemoryReadModelStore()
    const changes = new ChangesByHand(readModels.changes)
    await using world = new LiveWorld(definitions, { readModels, changes })
    const readers = [world.read(new GetBalance('a1')), world.read(new GetBalance('a2'))]
    for (const reader of readers) await reader.next()
    for (const { onChanges } of changes.listeners) onChanges([{ kind: 'gap' }])
    await until(() => world.live.status().runs === 4)
    expect(world.live.status()).toMatchObject({ results: 2, failures: 0 })
  })

  test('shows when changes do not arrive, and when they do again', async () => {
    const readModels = new InMemoryReadModelStore()
    const changes = new ChangesByHand(readModels.changes)
    await using world = new LiveWorld(definitions, { readModels, changes })
    await world.read(new GetBalance('a1')).next()
    const lost = new RangeError('connection lost')
    for (const { onState } of changes.listeners) onState('retrying', lost)
    expect(world.live.status()).toMatchObject({ state: 'retrying', lastError: lost })
    for (const { onState } of changes.listeners) onState('live')
    expect(world.live.status()).toMatchObject({ state: 'live', lastError: lost })
  })
})

describe('a read-model server that is away', () => {
  class Count extends Query<number> {}
  const countWhen = (isAway: () => boolean) =>
    defineQueryHandler(Count, {
      reads: [balances],
      execute: async (_query, view: View<Balance>) => {
        if (isAway()) throw new RangeError('away')
        return view.countDocuments()
      },
    })

  test('is waited for once there was a result', async () => {
    const readModels = new InMemoryReadModelStore()
    let failures = 0
    let isFirst = true
    const count = countWhen(() => {
      if (isFirst) return (isFirst = false)
      failures += 1
      return failures < 3
    })
    await using world = new LiveWorld([...definitions, count], {
      readModels,
      changes: new ChangesByHand(readModels.changes),
    })
    await world.projections.start()
    const reader = world.read(new Count())
    expect(await reader.next()).toBe(0)
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await reader.next()).toBe(1)
    expect(world.live.status().failures).toBe(2)
  })

  test('fails the first result', async () => {
    const readModels = new InMemoryReadModelStore()
    await using world = new LiveWorld([...definitions, countWhen(() => true)], {
      readModels,
      changes: new ChangesByHand(readModels.changes),
    })
    await expect(world.read(new Count()).next()).rejects.toThrow('away')
  })

  test('is asked which documents readers see until it knows', async () => {
    const store = new InMemoryReadModelStore()
    let failuresLeft = 0
    const readModels = around<InMemoryReadModelStore>(store, {
      generations: (generations, projection) => {
        if (failuresLeft === 0) return generations(projection)
        failuresLeft -= 1
        return Promise.reject(new ReadModelStoreUnavailableError('mongodb://db', 'read'))
      },
    })
    const changes = new ChangesByHand(store.changes)
    await using world = new LiveWorld(definitions, { readModels, changes })
    await world.read(new GetBalance('a1')).next()
    failuresLeft = 2
    for (const { onChanges } of changes.listeners) onChanges([{ kind: 'gap' }])
    await until(() => world.live.status().state === 'retrying')
    await until(() => world.live.status().state === 'live')
    await until(() => world.live.status().runs === 2)
    expect(failuresLeft).toBe(0)
  })

  test('loses no change of another process while checkpoints are polled', async () => {
    const store = new InMemoryReadModelStore()
    await using writer = new LiveWorld(definitions, { readModels: store })
    await writer.projections.start()
    let isAway = false
    const readModels = around<InMemoryReadModelStore>(store, {
      generations: (generations, projection) =>
        isAway
          ? Promise.reject(new ReadModelStoreUnavailableError('mongodb://db', 'read'))
          : generations(projection),
    })
    await using reader = writer.joined({ readModels, changes: null })
    const results = reader.read(new GetBalance('a1'))
    expect(await results.next()).toBeUndefined()
    isAway = true
    await until(() => reader.live.status().state === 'retrying')
    await writer.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await writer.settle('by-account')
    isAway = false
    expect(await results.next()).toBe(0)
    expect(reader.live.status().state).toBe('live')
  })
})
