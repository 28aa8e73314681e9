import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { type EventStoreSubject, newEvent } from './event-store-subject.ts'
import { readStream } from './reading.ts'

const data: JsonObject = {
  text: 'Grüße, 世界, 👩‍🚀, "quoted", back\\slash, line\nbreak, \u0000, \u2028',
  date: new Date('2024-02-29T23:59:59.999Z').toISOString(),
  bigint: (2n ** 80n).toString(),
  numbers: [0, -1, 1.5, 1e300, 5e-324, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  nothing: null,
  flags: [true, false],
  empty: { object: {}, array: [], string: '' },
  'a key with spaces, "quotes" and ü': { nested: [[{ deep: [1, [2, [3]]] }]] },
}

/** What goes in comes out. */
export const payloadCases: readonly ContractCase<EventStoreSubject>[] = [
  {
    name: 'keeps every kind of JSON in the data as it is',
    run: async ({ store, stream }) => {
      await store.append(stream, [newEvent('kept', data), newEvent('empty', {})], {
        expected: 'no-stream',
      })
      const [kept, empty] = await readStream(store, stream)
      assert.deepEqual(kept?.data, data)
      assert.deepEqual(empty?.data, {})
    },
  },
  {
    name: 'keeps every kind of JSON in the metadata as it is',
    run: async ({ store, stream }) => {
      const metadata = {
        $correlationId: randomUUID(),
        $causationId: randomUUID(),
        commandId: 'c-1',
        schemaVersion: 3,
        tenant: 'Zürich',
        custom: { list: [1, null, 'x'], date: '2024-02-29T00:00:00.000Z' },
      }
      await store.append(stream, [{ ...newEvent('kept'), metadata }], { expected: 'no-stream' })
      const [event] = await readStream(store, stream)
      assert.deepEqual(event?.metadata, metadata)
    },
  },
  {
    name: 'keeps id, type and stream, and dates the event',
    run: async ({ store, streamNamed }) => {
      const stream = streamNamed('id-with-dashes-ü-and spaces')
      const event = newEvent('account.opened')
      await store.append(stream, [event], { expected: 'no-stream' })
      const [recorded] = await readStream(store, stream)
      assert.equal(recorded?.id, event.id)
      assert.equal(recorded.type, 'account.opened')
      assert.equal(recorded.stream, stream)
      assert.ok(recorded.recordedAt instanceof Date)
      assert.ok(!Number.isNaN(recorded.recordedAt.getTime()))
    },
  },
  {
    name: 'is not reached by what the writer changes afterwards',
    run: async ({ store, stream }) => {
      const lines = [1]
      await store.append(stream, [newEvent('kept', { lines })], { expected: 'no-stream' })
      lines.push(2)
      const [event] = await readStream(store, stream)
      assert.deepEqual(event?.data, { lines: [1] })
    },
  },
]
