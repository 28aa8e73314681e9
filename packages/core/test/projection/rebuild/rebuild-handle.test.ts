import { describe, expect, test } from 'vitest'
import { RebuildCancelledError, type RebuildProgress } from '../../../src/index.ts'
import { balances, documentsOf } from '../../fixtures/balances.ts'
import { filled, generationOf, WatchedStore } from '../../fixtures/filled.ts'
import { failureOf } from '../../fixtures/collect.ts'

describe('what a rebuild returns', () => {
  test('is iterated for the progress, to the end, and awaited for the result', async () => {
    await using world = await filled()
    const rebuilding = world.projections.rebuild('by-account', { batch: 10 })
    const reports: RebuildProgress[] = []
    for await (const progress of rebuilding) reports.push(progress)
    expect(reports.length).toBeGreaterThan(1)
    expect(reports.at(-1)).toMatchObject({ phase: 'done', events: 110, ratio: 1 })
    expect(await rebuilding).toMatchObject({ events: 110 })
    expect(rebuilding.progress).toBe(reports.at(-1))
  })

  test('fails the loop as it fails itself', async () => {
    await using world = await filled()
    const rebuilding = world.projections.rebuild('by-account', { signal: AbortSignal.abort() })
    const failure = await failureOf(async () => {
      for await (const _ of rebuilding);
    })
    expect(failure).toBeInstanceOf(RebuildCancelledError)
    await expect(rebuilding).rejects.toBe(failure)
  })

  test('is cancelled, and then nothing is left', async () => {
    const watched = new WatchedStore()
    await using world = await filled({ readModels: watched.store })
    const rebuilding = world.projections.rebuild('by-account', { batch: 1 })
    for await (const { events } of rebuilding) if (events > 3) break
    await rebuilding.cancel()
    await expect(rebuilding).rejects.toThrow(RebuildCancelledError)
    expect([...watched.existing]).toEqual(['balances__v1_1'])
    expect(generationOf(world)?.number).toBe(1)
    expect(await documentsOf(world, balances)).toHaveLength(10)
  })

  test('is not cancelled any more when it is over', async () => {
    await using world = await filled()
    const rebuilding = world.projections.rebuild('by-account')
    await rebuilding
    await rebuilding.cancel()
    expect(await rebuilding).toMatchObject({ generation: { number: 2 } })
  })

  test('names what has finished, once all projections are rebuilt', async () => {
    await using world = await filled()
    const results = await world.projections.rebuildAll()
    expect([...results.keys()]).toEqual(['by-account'])
    expect(results.get('by-account')).toMatchObject({ events: 110 })
  })
})
