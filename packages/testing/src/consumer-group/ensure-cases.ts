import assert from 'node:assert/strict'
import { type ConsumerGroup, toStreamName } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { newEvent, newEvents } from '../event-store/event-store-subject.ts'
import { readStream } from '../event-store/reading.ts'
import type { ConsumerGroupStoreSubject } from './consumer-group-store-subject.ts'
import { consuming } from './consumer-probe.ts'
import { parkedEvents } from './group-status.ts'

/** Where a new group starts, and what becomes of one that exists. */
export const ensureCases: readonly ContractCase<ConsumerGroupStoreSubject>[] = [
  {
    name: 'makes a group that gets what is recorded from then on',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await events.append(stream, newEvents(2), { expected: 'no-stream' })
      await store.ensure(group)
      await events.append(stream, newEvents(2, 'numbered', 2), { expected: 1n })
      await consuming(subject, {}, async (probe) => {
        await probe.received(2)
        assert.deepEqual(probe.numbers, [2, 3])
      })
    },
  },
  {
    name: 'makes a group that starts with the first event of its stream',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await events.append(stream, newEvents(3), { expected: 'no-stream' })
      await store.ensure(group, { startFrom: 'start' })
      await consuming(subject, {}, async (probe) => {
        await probe.received(3)
        assert.deepEqual(probe.numbers, [0, 1, 2])
      })
    },
  },
  {
    name: 'makes a group that starts at a revision, inclusive',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await events.append(stream, newEvents(4), { expected: 'no-stream' })
      await store.ensure(group, { startFrom: 2n })
      await consuming(subject, {}, async (probe) => {
        await probe.received(2)
        assert.deepEqual(probe.numbers, [2, 3])
      })
    },
  },
  {
    name: 'makes a group that starts at a position, inclusive',
    run: async (subject) => {
      const { store, events, stream, category } = subject
      await events.append(stream, newEvents(4), { expected: 'no-stream' })
      const third = (await readStream(events, stream))[2]
      const group = { name: `of-${category}`, category }
      await store.ensure(group, { startFrom: third?.position ?? -1n })
      await consuming(subject, { group }, async (probe) => {
        await probe.received(2)
        assert.deepEqual(probe.numbers, [2, 3])
      })
    },
  },
  {
    name: 'makes a group on a stream that does not exist yet',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await consuming(subject, {}, async (probe) => {
        await events.append(stream, newEvents(2), { expected: 'no-stream' })
        await probe.received(2)
        assert.deepEqual(probe.numbers, [0, 1])
      })
    },
  },
  {
    name: 'leaves a group that exists where it is',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(2), { expected: 'no-stream' })
      await consuming(subject, {}, async (probe) => {
        await probe.received(2)
        await store.ensure(group, { startFrom: 'start' })
        await events.append(stream, newEvents(2, 'numbered', 2), { expected: 1n })
        await probe.received(4)
        assert.deepEqual(probe.numbers, [0, 1, 2, 3])
      })
    },
  },
  {
    name: 'may be called by many at once',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await Promise.all(
        Array.from({ length: 8 }, () => store.ensure(group, { startFrom: 'start', maxRetries: 3 })),
      )
      await events.append(stream, newEvents(1), { expected: 'no-stream' })
      await consuming(subject, {}, (probe) => probe.received(1))
    },
  },
  {
    name: 'changes the settings it names of a group that has consumers',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group, { maxRetries: 5 })
      const handle = { handle: async (one: { nack: Nack }) => one.nack('retry', 'not today') }
      await consuming(subject, handle, async (probe) => {
        await probe.consuming()
        await store.ensure(group, { maxRetries: 1 })
        await events.append(stream, newEvents(1), { expected: 'no-stream' })
        assert.equal((await parkedEvents(subject, 1)).length, 1)
        assert.deepEqual(
          probe.deliveries.map(({ retryCount }) => retryCount),
          [0, 1],
        )
      })
    },
  },
  {
    name: 'refuses a group of the same name that follows something else',
    run: async ({ store, category }) => {
      const name = `of-${category}`
      await store.ensure({ name, category })
      const others = [{ name, types: ['other'] }, { name, streamPrefixes: ['other-'] }, { name }]
      for (const other of others) await rejection(store.ensure(other), 'CONSUMER_GROUP_CONFLICT')
      await store.ensure({ name, streamPrefixes: [`${category}-`] })
    },
  },
  {
    name: 'takes the same types in another order for the same group',
    run: async ({ store, category }) => {
      const name = `of-${category}`
      await store.ensure({ name, types: ['one', 'two'] })
      await store.ensure({ name, types: ['two', 'one'] })
    },
  },
  {
    name: 'keeps groups of the same name apart that follow different streams',
    run: async (subject) => {
      const { store, events, streamNamed } = subject
      const groups = ['a', 'b'].map((id) => ({ name: 'same', stream: streamNamed(id) }))
      for (const group of groups) await store.ensure(group)
      for (const { stream } of groups)
        await events.append(stream, [newEvent(stream)], { expected: 'no-stream' })
      for (const group of groups)
        await consuming(subject, { group }, async (probe) => {
          await probe.received(1)
          assert.equal(probe.deliveries[0]?.event.type, group.stream)
        })
    },
  },
  ...invalidGroups(),
]

type Nack = (action: 'retry', reason: string) => Promise<void>

function invalidGroups(): readonly ContractCase<ConsumerGroupStoreSubject>[] {
  const stream = toStreamName('some-stream')
  const invalid: readonly (readonly [string, ConsumerGroup])[] = [
    ['without a name', { name: '', stream }],
    ['whose name would end names on the server', { name: 'a::b', stream }],
    ['with a stream and types', { name: 'a', stream, types: ['b'] }],
    ['with a category and prefixes', { name: 'a', category: 'b', streamPrefixes: ['c'] }],
    ['with no types at all', { name: 'a', types: [] }],
  ]
  return invalid.map(([what, group]) => ({
    name: `refuses a group ${what}`,
    run: async ({ store }) => {
      await rejection(store.ensure(group), 'INVALID_CONSUMER_GROUP')
    },
  }))
}
