import assert from 'node:assert/strict'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { type EventStoreSubject, newEvents } from './event-store-subject.ts'
import { collect } from './reading.ts'
import { SubscriptionProbe } from './subscription-probe.ts'

/** What is left of a store that was closed. */
export const closeCases: readonly ContractCase<EventStoreSubject>[] = [
  {
    name: 'ends the loops of subscriptions without an error',
    run: async ({ open, stream, patienceMs }) => {
      const store = await open()
      const subscription = store.subscribe({ stream })
      const probe = new SubscriptionProbe(subscription, patienceMs)
      await probe.caughtUp()
      await store.close()
      await probe.ended()
      assert.equal(subscription.state, 'stopped')
    },
  },
  {
    name: 'lets appends under way end first',
    run: async ({ open, stream }) => {
      const store = await open()
      const append = store.append(stream, newEvents(3), { expected: 'no-stream' })
      await store.close()
      assert.equal((await append).revision, 2n)
    },
  },
  {
    name: 'refuses every later call',
    run: async ({ open, stream }) => {
      const store = await open()
      await store.close()
      const calls = [
        async () => store.append(stream, newEvents(1), { expected: 'any' }),
        async () => collect(store.readStream(stream)),
        async () => collect(store.readAll()),
        async () => {
          for await (const _ of store.subscribe()) break
        },
      ]
      for (const call of calls) await rejection(call(), 'EVENT_STORE_CLOSED')
    },
  },
  {
    name: 'may be called again',
    run: async ({ open }) => {
      const store = await open()
      await store.close()
      await store.close()
    },
  },
]
