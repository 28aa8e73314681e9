import { InMemoryEventStore, InMemorySnapshotStore, InMemorySubjectKeyStore } from '@varve/memory'
import { expect, test } from 'vitest'
import {
  PrivateSnapshotStore,
  type Snapshot,
  type StreamName,
  SubjectKeys,
} from '../../src/index.ts'

const stream = 'customer-c1' as StreamName

async function worldOf(...subjectsOfEvents: readonly (readonly string[])[]) {
  const eventStore = new InMemoryEventStore()
  const keys = new SubjectKeys(new InMemorySubjectKeyStore())
  for (const subjects of subjectsOfEvents) {
    await keys.obtain(subjects)
    const sealed = Object.fromEntries(subjects.map((subject) => [subject, [['name']]]))
    await eventStore.append(
      stream,
      [{ id: crypto.randomUUID(), type: 'x', data: {}, metadata: { sealed } }],
      { expected: 'any' },
    )
  }
  const inner = new InMemorySnapshotStore()
  const options = { eventStore, keys, categories: new Set(['customer']) }
  const store = new PrivateSnapshotStore(inner, options)
  return { inner, keys, store }
}

function snapshotAt(revision: bigint, of = stream): Snapshot {
  return { stream: of, revision, version: 1, state: { name: 'Ada' }, takenAt: new Date(0) }
}

test('a snapshot is sealed for everybody in the events up to it, and opens for all of them only', async () => {
  const { inner, keys, store } = await worldOf(['b', 'a'], ['c'], ['d'])
  await store.save(snapshotAt(1n))
  expect((await inner.load(stream))?.state).toMatchObject({ subjects: ['a', 'b', 'c'] })
  expect((await store.load(stream))?.state).toEqual({ name: 'Ada' })
  await keys.forget('d')
  expect((await store.load(stream))?.state).toEqual({ name: 'Ada' })
  await keys.forget('b')
  expect(await store.load(stream)).toBeUndefined()
})

test('a later snapshot is sealed for those of the one before, and those since', async () => {
  const { inner, store } = await worldOf(['a'], ['b'], ['c'])
  await store.save(snapshotAt(0n))
  await store.save(snapshotAt(2n))
  expect((await inner.load(stream))?.state).toMatchObject({ subjects: ['a', 'b', 'c'] })
})

test('no snapshot is stored where somebody in it is forgotten', async () => {
  const { inner, keys, store } = await worldOf(['a'], ['b'])
  await keys.forget('a')
  await store.save(snapshotAt(1n))
  expect(await inner.load(stream)).toBeUndefined()
})

test('one that is moved to another revision does not open', async () => {
  const { inner, store } = await worldOf(['a'], [])
  await store.save(snapshotAt(0n))
  const sealed = await inner.load(stream)
  await inner.save({ ...sealed!, revision: 1n })
  expect(await store.load(stream)).toBeUndefined()
})

test('one in the clear, from before, is not used; those of other aggregates are', async () => {
  const { inner, store } = await worldOf(['a'])
  await inner.save(snapshotAt(0n))
  expect(await store.load(stream)).toBeUndefined()
  const other = snapshotAt(0n, 'item-1' as StreamName)
  await store.save(other)
  expect((await inner.load(other.stream))?.state).toEqual({ name: 'Ada' })
  expect((await store.load(other.stream))?.state).toEqual({ name: 'Ada' })
})
