import { describe, expect, test } from 'vitest'
import { InvalidRebuildOptionsError, type RebuildOptions } from '../../../src/index.ts'
import { filled, generationOf } from '../../fixtures/filled.ts'

describe('a rebuild', () => {
  const mistakes: [string, Readonly<Record<string, unknown>>, string][] = [
    ['no events in a batch', { batch: 0 }, 'batch is 0, expected a whole number from 1'],
    ['half an event more', { batch: 1.5 }, 'batch is 1.5, expected'],
    ['a batch as text', { batch: '2000' }, 'batch is "2000", expected'],
    ['no number of writers', { partitions: NaN }, 'partitions is NaN, expected'],
    ['less than no differences', { verify: true, differences: -1 }, 'differences is -1, expected'],
    ['grace without an end', { graceMs: Infinity }, 'graceMs is Infinity, expected'],
    ['grace that is over', { graceMs: -1 }, 'graceMs is -1, expected'],
    ['one key as text', { keys: 'a1' }, 'keys is "a1", expected a list of ids'],
    ['keys that are no text', { keys: ['a1', 5] }, 'keys is a list with a1, 5, expected'],
    ['one stream as text', { streams: 'account-a1' }, 'streams is "account-a1", expected'],
    ['another policy', { onError: 'skip' }, 'onError is "skip", expected halt or dead-letter'],
    ['another source', { from: 'backup' }, 'from is "backup", expected events or snapshots'],
  ]
  test.each(mistakes)('with %s is refused', async (_name, options, message) => {
    await using world = await filled()
    const rebuilding = world.projections.rebuild('by-account', options as RebuildOptions)
    await expect(rebuilding).rejects.toThrow(InvalidRebuildOptionsError)
    await expect(rebuilding).rejects.toThrow(message)
    expect(generationOf(world)?.number).toBe(1)
  })

  test('says all that is wrong', async () => {
    await using world = await filled()
    await expect(world.projections.rebuildAll({ batch: 0, partitions: 0 })).rejects.toThrow(
      'Projection "by-account" cannot be rebuilt that way: batch is 0, expected a whole number from 1; partitions is 0, expected a whole number from 1.',
    )
  })
})
