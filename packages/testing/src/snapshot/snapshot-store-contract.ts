import assert from 'node:assert/strict'
import type { JsonValue, SnapshotStore, StreamName } from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'
import { newSnapshot, type SnapshotStoreSubject } from './snapshot-store-subject.ts'

const load: readonly ContractCase<SnapshotStoreSubject>[] = [
  {
    name: 'returns nothing where there is no snapshot',
    run: async ({ store, stream }) => {
      assert.equal(await store.load(stream), undefined)
      assert.equal(await store.load(stream, { atOrBefore: 5n }), undefined)
    },
  },
  {
    name: 'returns the newest snapshot',
    run: async ({ store, stream }) => {
      for (const revision of [9n, 19n, 29n]) await store.save(newSnapshot(stream, revision))
      assert.equal((await store.load(stream))?.revision, 29n)
    },
  },
  {
    name: 'returns the newest snapshot at or before a revision',
    run: async ({ store, stream }) => {
      for (const revision of [9n, 19n, 29n]) await store.save(newSnapshot(stream, revision))
      const found = async (atOrBefore: bigint): Promise<bigint | undefined> =>
        (await store.load(stream, { atOrBefore }))?.revision
      assert.equal(await found(8n), undefined)
      assert.equal(await found(9n), 9n)
      assert.equal(await found(28n), 19n)
      assert.equal(await found(99n), 29n)
    },
  },
  {
    name: 'hands out a state of its own to each reader',
    run: async ({ store, stream }) => {
      await store.save(newSnapshot(stream, 0n, { lines: [1] }))
      const loaded = (await store.load(stream))?.state as { lines: number[] }
      loaded.lines.push(2)
      assert.deepEqual((await store.load(stream))?.state, { lines: [1] })
    },
  },
]

const save: readonly ContractCase<SnapshotStoreSubject>[] = [
  {
    name: 'keeps everything a snapshot says',
    run: async ({ store, stream }) => {
      const states: readonly JsonValue[] = [
        { text: 'Grüße 👩‍🚀', list: [1, null, { deep: true }], empty: {} },
        [1, 2],
        'text',
        1.5,
        null,
      ]
      for (const [index, state] of states.entries()) {
        const snapshot = { ...newSnapshot(stream, BigInt(index), state), version: index + 1 }
        await store.save(snapshot)
        assert.deepEqual(await store.load(stream), snapshot)
      }
    },
  },
  {
    name: 'keeps what a snapshot says of commands',
    run: async ({ store, stream }) => {
      const snapshot = { ...newSnapshot(stream, 0n), commandIds: '1:AAEC 2:AwQF' }
      await store.save(snapshot)
      assert.deepEqual(await store.load(stream), snapshot)
    },
  },
  {
    name: 'keeps no more than it is told, the newest ones',
    run: async ({ store, stream }) => {
      for (const revision of [9n, 19n, 29n, 39n])
        await store.save(newSnapshot(stream, revision), { keep: 2 })
      assert.deepEqual(await revisionsOf(store, stream), [39n, 29n])
      assert.equal(await store.load(stream, { atOrBefore: 28n }), undefined)
    },
  },
  {
    name: 'keeps another number from when it is told',
    run: async ({ store, stream }) => {
      for (const revision of [9n, 19n, 29n])
        await store.save(newSnapshot(stream, revision), { keep: 3 })
      for (const revision of [39n, 49n, 59n])
        await store.save(newSnapshot(stream, revision), { keep: 1 })
      assert.deepEqual(await revisionsOf(store, stream), [59n])
    },
  },
  {
    name: 'accepts the same snapshot again',
    run: async ({ store, stream }) => {
      await store.save(newSnapshot(stream, 4n))
      for (const _ of [1, 2, 3]) await store.save(newSnapshot(stream, 9n))
      assert.equal((await store.load(stream))?.revision, 9n)
      assert.equal((await store.load(stream, { atOrBefore: 8n }))?.revision, 4n)
    },
  },
  {
    name: 'does not take an older snapshot that comes late for the newest',
    run: async ({ store, stream }) => {
      for (const revision of [19n, 9n]) await store.save(newSnapshot(stream, revision))
      assert.equal((await store.load(stream))?.revision, 19n)
      assert.equal((await store.load(stream, { atOrBefore: 18n }))?.revision, 9n)
    },
  },
  {
    name: 'keeps streams apart',
    run: async ({ store, stream, streamNamed }) => {
      await store.save(newSnapshot(stream, 1n))
      await store.save(newSnapshot(streamNamed('other'), 2n))
      assert.equal((await store.load(stream))?.revision, 1n)
      assert.equal(await store.load(streamNamed('third')), undefined)
    },
  },
  {
    name: 'is not reached by what the writer changes afterwards',
    run: async ({ store, stream }) => {
      const lines = [1]
      await store.save(newSnapshot(stream, 0n, { lines }))
      lines.push(2)
      assert.deepEqual((await store.load(stream))?.state, { lines: [1] })
    },
  },
]

const list: readonly ContractCase<SnapshotStoreSubject>[] = [
  {
    name: 'tells of every snapshot that is kept, the newest revision first',
    run: async ({ store, stream }) => {
      for (const revision of [19n, 9n, 29n]) await store.save(newSnapshot(stream, revision))
      const takenAt = new Date('2024-02-29T12:34:56.789Z')
      assert.deepEqual(
        await store.list(stream),
        [29n, 19n, 9n].map((revision) => ({ stream, revision, version: 1, takenAt })),
      )
    },
  },
  {
    name: 'tells of nothing where there is no snapshot, or none any more',
    run: async ({ store, stream, streamNamed }) => {
      await store.save(newSnapshot(streamNamed('other'), 4n))
      assert.deepEqual(await store.list(stream), [])
      await store.save(newSnapshot(stream, 4n))
      await store.clear(stream)
      assert.deepEqual(await store.list(stream), [])
    },
  },
]

const clear: readonly ContractCase<SnapshotStoreSubject>[] = [
  {
    name: 'forgets all snapshots of a stream and of no other',
    run: async ({ store, stream, streamNamed }) => {
      for (const revision of [4n, 9n]) await store.save(newSnapshot(stream, revision))
      await store.save(newSnapshot(streamNamed('other'), 4n))
      await store.clear(stream)
      assert.equal(await store.load(stream), undefined)
      assert.equal(await store.load(stream, { atOrBefore: 4n }), undefined)
      assert.equal((await store.load(streamNamed('other')))?.revision, 4n)
    },
  },
  {
    name: 'does nothing to a stream without snapshots, and may be called again',
    run: async ({ store, stream }) => {
      await store.clear(stream)
      await store.clear(stream)
      assert.equal(await store.load(stream), undefined)
    },
  },
  {
    name: 'leaves the stream ready for new snapshots',
    run: async ({ store, stream }) => {
      await store.save(newSnapshot(stream, 9n))
      await store.clear(stream)
      await store.save(newSnapshot(stream, 4n))
      assert.equal((await store.load(stream))?.revision, 4n)
    },
  },
]

async function revisionsOf(store: SnapshotStore, stream: StreamName): Promise<readonly bigint[]> {
  return (await store.list(stream)).map(({ revision }) => revision)
}

/** What every {@link SnapshotStore} promises. */
export const snapshotStoreContract = { load, save, list, clear } satisfies ContractSuite<
  SnapshotStore,
  SnapshotStoreSubject
>
