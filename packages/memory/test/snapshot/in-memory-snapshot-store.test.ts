import { streamName } from '@varve/core'
import { expect, test } from 'vitest'
import { InMemorySnapshotStore } from '../../src/index.ts'

test('a loaded state is the own copy of its reader', async () => {
  const store = new InMemorySnapshotStore()
  const stream = streamName('account', 'a1')
  const state = { lines: [1] }
  await store.save({ stream, revision: 4n, version: 1, state, takenAt: new Date(0) })
  state.lines.push(2)
  const loaded = (await store.load(stream))!.state as unknown as typeof state
  loaded.lines.push(3)
  expect((await store.load(stream))!.state).toEqual({ lines: [1] })
})
