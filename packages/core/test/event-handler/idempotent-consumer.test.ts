import { InMemoryHandledEventStore } from '@varve/memory'
import { expect, test } from 'vitest'
import { IdempotentConsumer } from '../../src/index.ts'
import { signal } from '../fixtures/until.ts'

const consumer = (store = new InMemoryHandledEventStore(), name = 'mailing') =>
  new IdempotentConsumer({ name, store })

test('does the work of an event once', async () => {
  const done: string[] = []
  const mailing = consumer()
  const mail = () => mailing.run('e1', async () => done.push('mailed'))
  expect([await mail(), await mail()]).toEqual([true, false])
  expect(done).toEqual(['mailed'])
})

test('knows what another process did', async () => {
  const store = new InMemoryHandledEventStore()
  await consumer(store).run('e1', async () => undefined)
  expect(await consumer(store).wasHandled('e1')).toBe(true)
  expect(await consumer(store).run('e1', async () => undefined)).toBe(false)
  expect(await consumer(store, 'billing').wasHandled('e1')).toBe(false)
})

test('does work that failed again', async () => {
  const mailing = consumer()
  const failing = mailing.run('e1', () => Promise.reject(new RangeError('no')))
  await expect(failing).rejects.toThrow('no')
  expect(await mailing.run('e1', async () => undefined)).toBe(true)
})

test('does the work once for two deliveries at the same time, and again where the first fails', async () => {
  const mailing = consumer()
  const mayEnd = signal()
  const done: string[] = []
  const deliveries = ['first', 'second', 'third'].map((name) =>
    mailing.run('e1', async () => {
      await mayEnd.raised
      if (name === 'first') throw new RangeError('no')
      done.push(name)
    }),
  )
  mayEnd.raise()
  const outcomes = await Promise.allSettled(deliveries)
  expect(outcomes.map((outcome) => (outcome as { value?: boolean }).value)).toEqual([
    undefined,
    true,
    false,
  ])
  expect(done).toEqual(['second'])
})
