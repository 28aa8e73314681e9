import { VirtualClock } from '@varve/testing'
import { expect, test } from 'vitest'
import { InMemoryHandledEventStore } from '../../src/index.ts'

test('ids whose window is over are forgotten, and those that are not are kept', async () => {
  const clock = new VirtualClock()
  const store = new InMemoryHandledEventStore({ clock })
  for (let index = 0; index < 500; index += 1) await store.remember('mailing', `old-${index}`, 10)
  await store.remember('mailing', 'lasting', 60_000)
  clock.advance(11)
  for (let index = 0; index < 1_000; index += 1) await store.remember('mailing', `new-${index}`, 10)
  clock.moveTo(new Date(0))
  const found = await store.handled('mailing', ['old-0', 'old-499', 'new-999', 'lasting'])
  expect(found).toEqual(new Set(['new-999', 'lasting']))
})
