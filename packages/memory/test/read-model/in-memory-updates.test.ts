import {
  CheckpointConflictError,
  checkpointId,
  type DeadLetter,
  defineReadModel,
  DocumentTooLargeError,
  type DocumentUpdate,
  slotOf,
  streamName,
  UpdateRefusedError,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import { InMemoryReadModelStore } from '../../src/index.ts'

const balances = defineReadModel('balances')
const generation = { projection: 'account-balances', version: 1, number: 1 }
const consumer = checkpointId(generation)

function update(id: string, operators: DocumentUpdate['update'], position: bigint): DocumentUpdate {
  return { model: balances, id, update: operators, position }
}

function letter(key: string, position: bigint): DeadLetter {
  return {
    queue: { consumer, model: 'balances', key },
    slot: slotOf(key),
    state: 'dead',
    attempts: 6,
    cause: { name: 'Error', message: 'no such account' },
    dueAt: undefined,
    since: new Date(0),
    event: {
      id: 'e1',
      type: 'account.deposited',
      stream: streamName('account', key),
      revision: 0n,
      position,
      data: {},
      metadata: {},
      recordedAt: new Date(0),
    },
  }
}

describe('an update in memory', () => {
  test('has the time of the store for its current date', async () => {
    const now = new Date('2026-03-01')
    const store = new InMemoryReadModelStore({ clock: { now: () => now } })
    const from = await store.takeCheckpoint(generation)
    const updates = [update('a1', { $currentDate: { at: true } }, 1n)]
    await store.commit({ generation, writes: [], updates, from, position: 1n })
    expect(await store.view(generation, balances).findOne()).toEqual({ _id: 'a1', at: now })
  })

  test('that makes its document too large is refused, and nothing of the commit is written', async () => {
    const store = new InMemoryReadModelStore()
    const from = await store.takeCheckpoint(generation)
    const text = 'x'.repeat(6 * 1024 * 1024)
    const updates = [1n, 2n, 3n].map((n) => update('a1', { $push: { texts: text } }, n))
    const deadLetters = [letter('a2', 1n)]
    const commit = store.commit({
      generation,
      writes: [],
      updates: [update('a0', { $inc: { n: 1 } }, 1n), ...updates],
      deadLetters,
      from,
      position: 3n,
    })
    await expect(commit).rejects.toThrow(DocumentTooLargeError)
    expect(await store.view(generation, balances).countDocuments()).toBe(0)
    expect(await store.deadLetters.count({ consumer })).toBe(0)
    expect(await store.checkpoints(generation)).toEqual([from])
  })

  test.each(['exactly-once', 'idempotent'] as const)(
    'that does not fit writes nothing of its commit at level %s',
    async (level) => {
      const store = new InMemoryReadModelStore({ level })
      const from = await store.takeCheckpoint(generation)
      const updates = [
        update('a1', { $set: { name: 'Ada' } }, 1n),
        update('a2', { $inc: { n: 1 } }, 2n),
        update('a1', { $inc: { name: 1 } }, 3n),
      ]
      const commit = store.commit({ generation, writes: [], updates, from, position: 3n })
      await expect(commit).rejects.toThrow(UpdateRefusedError)
      await expect(commit).rejects.toThrow(
        'An update of document "a1" of read model "balances" cannot be applied: "name" is no number, so $inc cannot change it.',
      )
      expect((await store.load(generation, balances, ['a1', 'a2'])).size).toBe(0)
    },
  )
})

describe('two commits from one checkpoint at once', () => {
  const commits = async (
    level: 'exactly-once' | 'idempotent',
  ): Promise<{ store: InMemoryReadModelStore; results: PromiseSettledResult<unknown>[] }> => {
    const store = new InMemoryReadModelStore({ level })
    const from = await store.takeCheckpoint(generation)
    const both = ['a1', 'a2'].map((id) => {
      const updates = [update(id, { $inc: { n: 1 } }, 1n)]
      const deadLetters = [letter(id, 1n)]
      return store.commit({ generation, writes: [], updates, deadLetters, from, position: 1n })
    })
    return { store, results: await Promise.allSettled(both) }
  }

  test('leave nothing of the one that lost at level exactly-once', async () => {
    const { store, results } = await commits('exactly-once')
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await store.view(generation, balances).distinct('_id')).toEqual(['a1'])
    expect(await store.deadLetters.count({ consumer })).toBe(1)
  })

  test('leave documents and letters of both at level idempotent, and one checkpoint', async () => {
    const { store, results } = await commits('idempotent')
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(results[1]).toMatchObject({ reason: expect.any(CheckpointConflictError) as unknown })
    expect(await store.view(generation, balances).distinct('_id')).toEqual(['a1', 'a2'])
    expect(await store.deadLetters.count({ consumer })).toBe(2)
    expect((await store.checkpoints(generation)).map(({ position }) => position)).toEqual([1n])
  })
})
