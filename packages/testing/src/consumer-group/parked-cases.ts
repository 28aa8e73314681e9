import assert from 'node:assert/strict'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { newEvents } from '../event-store/event-store-subject.ts'
import { assertSame, readStream } from '../event-store/reading.ts'
import type { ConsumerGroupStoreSubject } from './consumer-group-store-subject.ts'
import { ConsumerProbe, consuming, type Handle } from './consumer-probe.ts'
import { parkedEvents, statusOf } from './group-status.ts'

const park: Handle = (delivery) => delivery.nack('park', `no good: ${delivery.event.revision}`)

/** Records events, and lets a consumer park them all. */
async function parkAll(subject: ConsumerGroupStoreSubject, count: number): Promise<void> {
  const { store, events, stream, group } = subject
  await store.ensure(group)
  await events.append(stream, newEvents(count), { expected: 'no-stream' })
  await consuming(subject, { handle: park, bufferSize: 1 }, async (probe) => {
    await probe.received(count)
    await statusOf(subject, `${count} parked events`, ({ parked }) => parked === count)
  })
}

/** Reading what is parked. */
export const parkedCases: readonly ContractCase<ConsumerGroupStoreSubject>[] = [
  {
    name: 'yields what was parked, the longest parked first, with reason and date',
    run: async (subject) => {
      const before = Date.now()
      await parkAll(subject, 3)
      const parked = await parkedEvents(subject, 3)
      assertSame(
        parked.flatMap(({ event }) => event ?? []),
        await readStream(subject.events, subject.stream),
      )
      for (const [index, { reason, parkedAt }] of parked.entries()) {
        assert.match(reason, new RegExp(`no good: ${index}`))
        assert.ok(parkedAt.getTime() >= before - 60_000, `parked at ${parkedAt.toISOString()}`)
      }
    },
  },
  {
    name: 'yields nothing of a group that parked nothing, or is missing',
    run: async ({ store, group }) => {
      for await (const _ of store.parked(group)) assert.fail('a missing group has parked events')
      await store.ensure(group)
      for await (const _ of store.parked(group)) assert.fail('a new group has parked events')
    },
  },
]

/** Delivering again what is parked. */
export const replayCases: readonly ContractCase<ConsumerGroupStoreSubject>[] = [
  {
    name: 'delivers what is parked again, with retries counted from 0',
    run: async (subject) => {
      await parkAll(subject, 3)
      await subject.store.replayParked(subject.group)
      await consuming(subject, {}, async (probe) => {
        await probe.received(3)
        assert.deepEqual(probe.numbers, [0, 1, 2])
        assert.ok(probe.deliveries.every(({ retryCount }) => retryCount === 0))
        await statusOf(subject, 'all to be done', ({ inFlight }) => inFlight === 0)
      })
      assert.deepEqual(await parkedEvents(subject, 0), [])
    },
  },
  {
    name: 'delivers only so many again, the longest parked first',
    run: async (subject) => {
      await parkAll(subject, 3)
      const probe = new ConsumerProbe(subject)
      await probe.consuming()
      await subject.store.replayParked(subject.group, { limit: 2 })
      await probe.received(2)
      assert.deepEqual(
        (await parkedEvents(subject, 1)).map(({ event }) => event?.revision),
        [2n],
      )
      await subject.store.replayParked(subject.group, { limit: 2 })
      await probe.received(3)
      assert.deepEqual(probe.numbers, [0, 1, 2])
      await probe.leave()
    },
  },
  {
    name: 'parks again what is parked again',
    run: async (subject) => {
      await parkAll(subject, 2)
      await subject.store.replayParked(subject.group)
      await consuming(subject, { handle: park }, (probe) => probe.received(2))
      assert.equal((await parkedEvents(subject, 2)).length, 2)
    },
  },
  {
    name: 'refuses a group that is missing',
    run: async ({ store, group }) => {
      await rejection(store.replayParked(group), 'CONSUMER_GROUP_NOT_FOUND')
    },
  },
]
