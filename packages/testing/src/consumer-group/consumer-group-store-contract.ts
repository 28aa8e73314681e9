import assert from 'node:assert/strict'
import type { ConsumerGroupStore } from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { within } from '../contract/patience.ts'
import { newEvents } from '../event-store/event-store-subject.ts'
import { upTo } from '../event-store/reading.ts'
import { answerCases } from './answer-cases.ts'
import type { ConsumerGroupStoreSubject } from './consumer-group-store-subject.ts'
import { ConsumerProbe, consuming, keep } from './consumer-probe.ts'
import { ensureCases } from './ensure-cases.ts'
import { statusOf } from './group-status.ts'
import { membershipCases } from './membership-cases.ts'
import { parkedCases, replayCases } from './parked-cases.ts'

type Cases = readonly ContractCase<ConsumerGroupStoreSubject>[]

const remove: Cases = [
  {
    name: 'forgets where the group was and what it has parked',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(2), { expected: 'no-stream' })
      await consuming(subject, { handle: (one) => one.nack('park', 'no') }, async () => {
        await statusOf(subject, '2 parked events', ({ parked }) => parked === 2)
      })
      await store.remove(group)
      assert.equal(await store.describe(group), undefined)
      await store.ensure(group, { startFrom: 'start' })
      assert.equal((await store.describe(group))?.parked, 0)
      await consuming(subject, {}, (probe) => probe.received(2))
    },
  },
  {
    name: 'ends the consumers of the group with an error',
    run: async (subject) => {
      await subject.store.ensure(subject.group)
      const probe = new ConsumerProbe(subject)
      await probe.consuming()
      await subject.store.remove(subject.group)
      await rejection(probe.ended(), 'CONSUMER_GROUP_NOT_FOUND')
      assert.equal(probe.consumer.state, 'stopped')
    },
  },
  {
    name: 'does nothing where the group is missing',
    run: ({ store, group }) => store.remove(group),
  },
]

const describe: Cases = [
  {
    name: 'tells nothing of a group that is missing',
    run: async ({ store, group }) => assert.equal(await store.describe(group), undefined),
  },
  {
    name: 'tells the consumers and what they have not answered',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      assert.deepEqual((await store.describe(group))?.consumers, [])
      await events.append(stream, newEvents(3), { expected: 'no-stream' })
      await consuming(subject, { handle: keep }, async (probe) => {
        await probe.received(3)
        const { consumers, inFlight } = await statusOf(subject, '3 in flight', (status) => {
          return status.inFlight === 3
        })
        assert.deepEqual([consumers.length, consumers[0]?.inFlight, inFlight], [1, 3, 3])
      })
      await statusOf(subject, 'nobody to be there', (status) => status.consumers.length === 0)
    },
  },
  {
    name: 'tells a checkpoint once enough is done, and none behind what is not',
    run: async (subject) => {
      const { store, events, stream, group } = subject
      await store.ensure(group)
      await events.append(stream, newEvents(40), { expected: 'no-stream' })
      await consuming(subject, { handle: keep, bufferSize: 40 }, async (probe) => {
        await probe.received(40)
        const [open] = probe.deliveries.splice(30, 1)
        for (const delivery of probe.deliveries) await delivery.ack()
        const { checkpoint } = await statusOf(subject, 'a checkpoint', (status) => {
          return status.checkpoint !== undefined
        })
        assert.ok(checkpoint !== undefined && checkpoint < 30n, `checkpoint ${checkpoint}`)
        await open?.ack()
      })
    },
  },
]

const close: Cases = [
  {
    name: 'ends the loops of consumers without an error',
    run: async (subject) => {
      const store = await subject.open()
      await store.ensure(subject.group)
      const probe = new ConsumerProbe({ ...subject, store })
      await probe.consuming()
      await within(subject.patienceMs, 'the store to close', store.close())
      await probe.ended()
      assert.equal(probe.consumer.state, 'stopped')
    },
  },
  {
    name: 'refuses every later call',
    run: async ({ open, group }) => {
      const store = await open()
      await store.close()
      const calls = [
        async () => store.ensure(group),
        async () => store.remove(group),
        async () => store.describe(group),
        async () => store.replayParked(group),
        async () => {
          for await (const _ of store.parked(group)) break
        },
        async () => {
          for await (const _ of store.consume(group)) break
        },
      ]
      for (const call of calls) await rejection(call(), 'EVENT_STORE_CLOSED')
    },
  },
  {
    name: 'may be called again',
    run: async ({ open }) => {
      const store = await open()
      for (const _ of upTo(2)) await store.close()
    },
  },
]

/** What every {@link ConsumerGroupStore} promises. */
export const consumerGroupStoreContract = {
  ensure: ensureCases,
  remove,
  describe,
  consume: [...membershipCases, ...answerCases],
  parked: parkedCases,
  replayParked: replayCases,
  close,
} satisfies ContractSuite<ConsumerGroupStore, ConsumerGroupStoreSubject>
