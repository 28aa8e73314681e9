import assert from 'node:assert/strict'
import type { ConsumerState } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { newEvent, newEvents } from '../event-store/event-store-subject.ts'
import { assertSame, readStream, upTo } from '../event-store/reading.ts'
import type { ConsumerGroupStoreSubject } from './consumer-group-store-subject.ts'
import { acknowledge, ConsumerProbe, consuming, keep } from './consumer-probe.ts'
import { statusOf } from './group-status.ts'

/** Who gets which event. */
export const membershipCases: readonly ContractCase<ConsumerGroupStoreSubject>[] = [
  {
    name: 'delivers the events as they are recorded, in order to a single consumer',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      const metadata = { $correlationId: 'c1', actor: 'Ada', list: [1, null, { ä: 'ß' }] }
      const batch = newEvents(20).map((event) => ({ ...event, metadata }))
      await events.append(stream, batch, { expected: 'no-stream' })
      await consuming(subject, {}, async (probe) => {
        await probe.received(20)
        assertSame(
          probe.deliveries.map(({ event }) => event),
          await readStream(events, stream),
        )
        assert.ok(probe.deliveries.every(({ retryCount }) => retryCount === 0))
      })
    },
  },
  {
    name: 'delivers each event to one of several consumers',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      const probes = upTo(3).map(() => new ConsumerProbe(subject, { bufferSize: 2 }))
      await Promise.all(probes.map((probe) => probe.consuming()))
      await events.append(stream, newEvents(60), { expected: 'no-stream' })
      await Promise.all(probes.map((probe) => probe.received(1)))
      await statusOf(subject, 'all to be done', ({ inFlight }) => {
        return inFlight === 0 && probes.flatMap(({ numbers }) => numbers).length >= 60
      })
      await Promise.all(probes.map((probe) => probe.leave()))
      const numbers = probes.flatMap((probe) => probe.numbers).toSorted((a, b) => a - b)
      assert.deepEqual(numbers, upTo(60))
    },
  },
  {
    name: 'lets no more deliveries wait for an answer than the consumer buffers',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(10), { expected: 'no-stream' })
      await consuming(subject, { handle: keep, bufferSize: 3 }, async (probe) => {
        await probe.received(3)
        await statusOf(subject, '3 in flight', ({ inFlight }) => inFlight === 3)
        await probe.deliveries[0]?.ack()
        await probe.received(4)
        await statusOf(subject, '3 in flight', ({ inFlight }) => inFlight === 3)
        assert.deepEqual(probe.numbers, [0, 1, 2, 3])
      })
    },
  },
  ...filters(),
  {
    name: 'gives events of one stream to the same consumer where it is pinned',
    run: async (subject) => {
      const { store, events, category, streamNamed } = subject
      const group = { name: `of-${category}`, category }
      await store.ensure(group, { strategy: 'pinned' })
      const probes = upTo(2).map(() => new ConsumerProbe(subject, { group, bufferSize: 50 }))
      await Promise.all(probes.map((probe) => probe.consuming()))
      const ids = upTo(12).map(String)
      for (const id of [...ids, ...ids])
        await events.append(streamNamed(id), newEvents(1), { expected: 'any' })
      await statusOf(
        subject,
        'all to be done',
        ({ inFlight }) =>
          inFlight === 0 && probes.flatMap(({ deliveries }) => deliveries).length >= 24,
        group,
      )
      await Promise.all(probes.map((probe) => probe.leave()))
      const [first = new Set(), second = new Set()] = probes.map(
        ({ deliveries }) => new Set(deliveries.map(({ event }) => event.stream)),
      )
      assert.equal(first.size + second.size, 12, 'two consumers got events of one stream')
    },
  },
  {
    name: 'gives everything to one consumer, and to the next when it leaves, where it is dispatched to a single one',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group, { strategy: 'dispatch-to-single' })
      const first = new ConsumerProbe(subject)
      await first.consuming()
      const second = new ConsumerProbe(subject)
      await second.consuming()
      await events.append(stream, newEvents(5), { expected: 'no-stream' })
      await first.until('5 deliveries to one consumer', () => {
        return Math.max(first.deliveries.length, second.deliveries.length) === 5
      })
      await first.leave()
      await second.leave()
    },
  },
  {
    name: 'lets a consumer wait for which the group has no place',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group, { maxConsumers: 1 })
      const first = new ConsumerProbe(subject)
      await first.consuming()
      await consuming(subject, {}, async (second) => {
        await events.append(stream, newEvents(1), { expected: 'no-stream' })
        await first.received(1)
        assert.equal(second.consumer.state, 'connecting')
        await first.leave()
        await second.consuming()
        await events.append(stream, newEvents(1, 'numbered', 1), { expected: 0n })
        await second.received(1)
        assert.deepEqual(second.numbers, [1])
      })
    },
  },
  {
    name: 'tells what it is doing',
    run: async ({ store, group, events, stream }) => {
      await store.ensure(group)
      await events.append(stream, newEvents(1), { expected: 'no-stream' })
      const states: ConsumerState[] = []
      const consumer = store.consume(group, { onStateChange: ({ to }) => states.push(to) })
      assert.equal(consumer.state, 'connecting')
      for await (const delivery of consumer) {
        await acknowledge(delivery)
        break
      }
      assert.equal(consumer.state, 'stopped')
      assert.deepEqual(states, ['consuming', 'stopped'])
    },
  },
  {
    name: 'ends with an error where there is no such group',
    run: async (subject) => {
      await rejection(new ConsumerProbe(subject).ended(), 'CONSUMER_GROUP_NOT_FOUND')
    },
  },
  {
    name: 'refuses a second iteration',
    run: async ({ store, group }) => {
      await store.ensure(group)
      const consumer = store.consume(group)
      const loop = async (): Promise<void> => {
        for await (const _ of consumer) break
      }
      const first = loop()
      await rejection(loop(), 'INVALID_CONSUMER_GROUP')
      await consumer.stop()
      await first
    },
  },
]

/** What a group follows, and an event that it gets and one that it does not. */
function filters(): readonly ContractCase<ConsumerGroupStoreSubject>[] {
  const kinds = [
    { what: 'of a category', follows: (category: string) => ({ category }) },
    { what: 'of types', follows: (category: string) => ({ types: [`${category}.wanted`] }) },
    {
      what: 'of streams by prefix',
      follows: (category: string) => ({ streamPrefixes: [`${category}-m`] }),
    },
  ]
  return kinds.map(({ what, follows }) => ({
    name: `delivers only events ${what}`,
    run: async (subject) => {
      const { store, events, category, stream, streamNamed } = subject
      const group = { name: `of-${category}`, ...follows(category) }
      await store.ensure(group)
      const other = streamNamed('other').replace(category, `${category}s`)
      await events.append(other as typeof stream, [newEvent('unwanted')], { expected: 'any' })
      const wanted = newEvents(3, `${category}.wanted`)
      await events.append(stream, wanted, { expected: 'no-stream' })
      await events.append(other as typeof stream, [newEvent('unwanted')], { expected: 'any' })
      await consuming(subject, { group }, async (probe) => {
        await probe.received(3)
        await events.append(stream, newEvents(1, `${category}.wanted`, 3), { expected: 2n })
        await probe.received(4)
        assert.deepEqual(probe.numbers, [0, 1, 2, 3])
      })
    },
  }))
}
