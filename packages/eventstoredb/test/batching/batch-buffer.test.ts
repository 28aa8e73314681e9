import type { RecordedEvent } from '@varve/core'
import { expect, test } from 'vitest'
import { BatchBuffer } from '../../src/batching/batch-buffer.ts'

const event = (id: string): RecordedEvent => ({ id }) as RecordedEvent

test('what arrives in one turn is one batch', async () => {
  const buffer = new BatchBuffer<RecordedEvent>()
  const waiting = buffer.wait()
  for (const id of ['a', 'b']) buffer.push(event(id))
  setImmediate(() => buffer.push(event('d')))
  process.nextTick(() => buffer.push(event('c')))
  await waiting
  expect(buffer.take().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  await buffer.wait()
  expect(buffer.take()).toHaveLength(1)
})

test('news without events is told too, and a thousand events are enough', () => {
  const buffer = new BatchBuffer(250)
  for (let n = 0; n < 249; n += 1) buffer.push(event('x'))
  expect(buffer.hasNews).toBe(false)
  buffer.tell()
  expect(buffer.hasNews).toBe(true)
  for (let n = 249; n < 1000; n += 1) buffer.push(event('x'))
  expect(buffer.isFull).toBe(true)
  expect(buffer.take()).toHaveLength(1000)
  expect([buffer.isFull, buffer.hasNews]).toEqual([false, false])
})
