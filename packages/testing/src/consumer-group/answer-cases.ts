import assert from 'node:assert/strict'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { within } from '../contract/patience.ts'
import { newEvents } from '../event-store/event-store-subject.ts'
import type { ConsumerGroupStoreSubject } from './consumer-group-store-subject.ts'
import { ConsumerProbe, consuming, type Handle, keep } from './consumer-probe.ts'
import { parkedEvents, statusOf } from './group-status.ts'

/** Short enough to wait for, long enough not to pass by accident, in milliseconds. */
const messageTimeoutMs = 700

/** What becomes of a delivery. */
export const answerCases: readonly ContractCase<ConsumerGroupStoreSubject>[] = [
  {
    name: 'delivers again what a consumer that left had not answered, counting the retry',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(3), { expected: 'no-stream' })
      const first = new ConsumerProbe(subject, { handle: keep })
      await first.received(3)
      await first.deliveries[1]?.ack()
      await statusOf(subject, 'the answer', ({ inFlight }) => inFlight === 2)
      await first.leave()
      await consuming(subject, {}, async (second) => {
        await second.received(2)
        assert.deepEqual(second.numbers, [0, 2])
        assert.deepEqual(
          second.deliveries.map(({ retryCount }) => retryCount),
          [1, 1],
        )
      })
    },
  },
  {
    name: 'gives what a dead consumer had to one that is there already',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group, { strategy: 'dispatch-to-single' })
      const first = new ConsumerProbe(subject, { handle: keep })
      await first.consuming()
      await consuming(subject, {}, async (second) => {
        await second.consuming()
        await events.append(stream, newEvents(4), { expected: 'no-stream' })
        await first.until('4 deliveries to anybody', () => {
          return first.deliveries.length + second.deliveries.length >= 4
        })
        const left = 4 - second.deliveries.length
        await first.leave()
        await second.received(4)
        assert.deepEqual(second.numbers.toSorted(), [0, 1, 2, 3])
        assert.equal(second.deliveries.filter(({ retryCount }) => retryCount === 1).length, left)
      })
    },
  },
  {
    name: 'delivers again what is not answered before the message timeout',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group, { messageTimeoutMs })
      await events.append(stream, newEvents(1), { expected: 'no-stream' })
      const handle: Handle = (delivery) =>
        delivery.retryCount === 0 ? keep(delivery) : delivery.ack()
      await consuming(subject, { handle }, async (probe) => {
        await probe.received(2)
        assert.deepEqual(probe.numbers, [0, 0])
        assert.equal(probe.deliveries[1]?.retryCount, 1)
      })
    },
  },
  {
    name: 'delivers again what is to be retried, with each retry counted',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(2), { expected: 'no-stream' })
      const handle: Handle = (delivery) =>
        delivery.retryCount < 3 ? delivery.nack('retry', 'not yet') : delivery.ack()
      await consuming(subject, { handle, bufferSize: 1 }, async (probe) => {
        await probe.received(8)
        for (const n of [0, 1]) {
          const counts = probe.deliveries.filter(({ event }) => event.revision === BigInt(n))
          assert.deepEqual(
            counts.map(({ retryCount }) => retryCount),
            [0, 1, 2, 3],
          )
        }
        assert.equal((await statusOf(subject, 'a status', () => true)).parked, 0)
      })
    },
  },
  {
    name: 'parks what was retried too often, and goes on with the rest',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group, { maxRetries: 2 })
      await events.append(stream, newEvents(3), { expected: 'no-stream' })
      const handle: Handle = (delivery) =>
        delivery.event.revision === 0n ? delivery.nack('retry', 'poison') : delivery.ack()
      await consuming(subject, { handle }, async (probe) => {
        const [parked] = await parkedEvents(subject, 1)
        assert.equal(parked?.event?.revision, 0n)
        assert.notEqual(parked.reason, '')
        await probe.received(5)
        const poison = probe.deliveries.filter(({ event }) => event.revision === 0n)
        assert.deepEqual(
          poison.map(({ retryCount }) => retryCount),
          [0, 1, 2],
        )
      })
    },
  },
  {
    name: 'skips what is to be skipped, and delivers it to nobody again',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(2), { expected: 'no-stream' })
      const first = new ConsumerProbe(subject, { handle: (one) => one.nack('skip', 'too old') })
      await first.received(2)
      await statusOf(subject, 'both to be done', ({ inFlight }) => inFlight === 0)
      await first.leave()
      await events.append(stream, newEvents(1, 'numbered', 2), { expected: 1n })
      await consuming(subject, {}, async (second) => {
        await second.received(1)
        assert.deepEqual(second.numbers, [2])
      })
      assert.equal((await statusOf(subject, 'a status', () => true)).parked, 0)
    },
  },
  {
    name: 'keeps what was answered right before the consumer left',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(6), { expected: 'no-stream' })
      for await (const delivery of store.consume(group, { bufferSize: 5 })) {
        await delivery.ack()
        if (delivery.event.revision === 2n) break
      }
      await consuming(subject, {}, async (probe) => {
        await probe.received(3)
        assert.deepEqual(probe.numbers, [3, 4, 5])
      })
    },
  },
  {
    name: 'tells an answer that comes after the consumer left',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(2), { expected: 'no-stream' })
      const probe = new ConsumerProbe(subject, { handle: keep })
      await probe.received(2)
      await probe.leave()
      const [acked, nacked] = probe.deliveries
      assert.ok(acked && nacked)
      await rejection(acked.ack(), 'DELIVERY_LOST')
      await rejection(nacked.nack('park', 'too late'), 'DELIVERY_LOST')
      await consuming(subject, {}, (second) => second.received(2))
    },
  },
  {
    name: 'takes the first of two answers',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(1), { expected: 'no-stream' })
      const handle: Handle = async (delivery) => {
        await delivery.ack()
        await delivery.nack('park', 'changed my mind')
      }
      await consuming(subject, { handle }, async (probe) => {
        await probe.received(1)
        await statusOf(subject, 'it to be done', ({ inFlight }) => inFlight === 0)
        assert.equal((await statusOf(subject, 'a status', () => true)).parked, 0)
      })
    },
  },
  {
    name: 'waits with stopping until what was handed out is answered',
    run: async (subject) => {
      const { store, events, stream, group, patienceMs } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(3), { expected: 'no-stream' })
      const probe = new ConsumerProbe(subject, { handle: keep, bufferSize: 2 })
      await probe.received(2)
      const stopped = probe.consumer.stop()
      await probe.ended()
      for (const delivery of probe.deliveries) await delivery.ack()
      await within(patienceMs, 'the consumer to stop', stopped)
      await consuming(subject, {}, async (second) => {
        await second.received(1)
        assert.deepEqual(second.numbers, [2])
      })
    },
  },
  {
    name: 'stops at the end of the grace time whatever is not answered',
    run: async (subject) => {
      const { store, events, stream, group, patienceMs } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(1), { expected: 'no-stream' })
      const consumer = store.consume(group, { graceMs: 50 })
      for await (const delivery of consumer) {
        await within(patienceMs, 'the consumer to stop', consumer.stop())
        await rejection(delivery.ack(), 'DELIVERY_LOST')
      }
      await consuming(subject, {}, (second) => second.received(1))
    },
  },
]
