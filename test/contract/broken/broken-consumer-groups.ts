import type { Consumer, ConsumerGroupStore, Delivery } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'

type Fault = BrokenStore<ConsumerGroupStore>

/** Replaces what a consumer is, or does. */
function changed(consumer: Consumer, changes: Partial<Consumer>): Consumer {
  return {
    get state() {
      return consumer.state
    },
    stop: () => consumer.stop(),
    [Symbol.asyncIterator]: () => consumer[Symbol.asyncIterator](),
    ...changes,
  }
}

/** Changes each delivery on its way out; leaves out what becomes undefined. */
function delivering(change: (delivery: Delivery) => Delivery | undefined): Fault['breaks'] {
  return (store) => ({
    consume: (...call) => {
      const consumer = store.consume(...call)
      async function* deliveries(): AsyncGenerator<Delivery, undefined> {
        for await (const delivery of consumer) {
          const found = change(delivery)
          if (found) yield found
        }
      }
      return changed(consumer, { [Symbol.asyncIterator]: deliveries })
    },
  })
}

/** A delivery with other answers. */
function answering(delivery: Delivery, answers: Partial<Delivery>): Delivery {
  const { event, retryCount } = delivery
  return {
    event,
    retryCount,
    ack: () => delivery.ack(),
    nack: (...answer) => delivery.nack(...answer),
    ...answers,
  }
}

/** Faults of what is delivered, and to whom. */
const brokenDeliveries: readonly Fault[] = [
  {
    fault: 'takes delivering an event for handling it',
    caughtBy:
      'consume delivers again what a consumer that left had not answered, counting the retry',
    breaks: delivering((delivery) => {
      delivery.ack().catch(() => undefined)
      return delivery
    }),
  },
  {
    fault: 'counts no retries',
    caughtBy: 'consume delivers again what is to be retried, with each retry counted',
    breaks: delivering((delivery) => answering({ ...delivery, retryCount: 0 }, delivery)),
  },
  {
    fault: 'delivers every event to every consumer',
    caughtBy: 'consume delivers each event to one of several consumers',
    breaks: (store) => {
      const copies = new Map<string, number>()
      return {
        ensure: async (group, settings) => {
          for (let n = 0; n < 3; n += 1)
            await store.ensure({ ...group, name: `${group.name}${n || ''}` }, settings)
        },
        consume: (group, options) => {
          const n = copies.get(group.name) ?? 0
          copies.set(group.name, (n + 1) % 3)
          return store.consume({ ...group, name: `${group.name}${n || ''}` }, options)
        },
      }
    },
  },
  {
    fault: 'takes as much as it gets, however little the consumer buffers',
    caughtBy: 'consume lets no more deliveries wait for an answer than the consumer buffers',
    breaks: (store) => ({
      consume: (group, options) => store.consume(group, { ...options, bufferSize: 100 }),
    }),
  },
  {
    fault: 'ignores what a group follows',
    caughtBy: 'consume delivers only events of a category',
    breaks: (store) => ({
      ensure: ({ category: _, ...group }, settings) => store.ensure(group, settings),
      consume: ({ category: _, ...group }, options) => store.consume(group, options),
    }),
  },
  {
    fault: 'lets any number of consumers in',
    caughtBy: 'consume lets a consumer wait for which the group has no place',
    breaks: (store) => ({
      ensure: (group, { maxConsumers: _, ...settings } = {}) => store.ensure(group, settings),
    }),
  },
  {
    fault: 'ends quietly where there is no group',
    caughtBy: 'consume ends with an error where there is no such group',
    breaks: (store) => ({
      consume: (...call) => {
        const consumer = store.consume(...call)
        async function* deliveries(): AsyncGenerator<Delivery, undefined> {
          try {
            yield* consumer
          } catch {
            // The broken store keeps the reason to itself.
          }
        }
        return changed(consumer, { [Symbol.asyncIterator]: deliveries })
      },
    }),
  },
]

/** Faults of answers. */
const brokenAnswers: readonly Fault[] = [
  {
    fault: 'says that an answer arrived which did not',
    caughtBy: 'consume tells an answer that comes after the consumer left',
    breaks: delivering((delivery) =>
      answering(delivery, {
        ack: () => delivery.ack().catch(() => undefined),
        nack: (...answer) => delivery.nack(...answer).catch(() => undefined),
      }),
    ),
  },
  {
    fault: 'loses the answer given right before the consumer leaves',
    caughtBy: 'consume keeps what was answered right before the consumer left',
    breaks: delivering((delivery) =>
      answering(delivery, {
        ack: async () => void setImmediate(() => void delivery.ack().catch(() => undefined)),
      }),
    ),
  },
  {
    fault: 'parks what is to be skipped',
    caughtBy: 'consume skips what is to be skipped, and delivers it to nobody again',
    breaks: delivering((delivery) =>
      answering(delivery, {
        nack: (action, reason) => delivery.nack(action === 'skip' ? 'park' : action, reason),
      }),
    ),
  },
  {
    fault: 'retries more often than it was told',
    caughtBy: 'consume parks what was retried too often, and goes on with the rest',
    breaks: (store) => ({
      ensure: (group, settings) => store.ensure(group, { ...settings, maxRetries: 50 }),
    }),
  },
  {
    fault: 'drops what was not answered in time',
    caughtBy: 'consume delivers again what is not answered before the message timeout',
    breaks: delivering((delivery) => {
      if (delivery.retryCount === 0) return delivery
      delivery.ack().catch(() => undefined)
      return undefined
    }),
  },
  {
    fault: 'leaves with stopping before what was handed out is answered',
    caughtBy: 'consume waits with stopping until what was handed out is answered',
    breaks: (store) => ({
      consume: (group, options) => {
        const leaving = new AbortController()
        const consumer = store.consume(group, { ...options, signal: leaving.signal })
        const leave = (): Promise<void> => {
          leaving.abort()
          return consumer.stop()
        }
        return changed(consumer, { stop: leave })
      },
    }),
  },
  {
    fault: 'waits with stopping for answers that never come',
    caughtBy: 'consume stops at the end of the grace time whatever is not answered',
    breaks: (store) => ({
      consume: (group, options) => store.consume(group, { ...options, graceMs: 600_000 }),
    }),
  },
]

/** Faults of groups and of what they park. */
const brokenGroups: readonly Fault[] = [
  {
    fault: 'starts every new group with the first event',
    caughtBy: 'ensure makes a group that gets what is recorded from then on',
    breaks: (store) => ({
      ensure: (group, settings) => store.ensure(group, { startFrom: 'start', ...settings }),
    }),
  },
  {
    fault: 'starts after the revision it was told to start at',
    caughtBy: 'ensure makes a group that starts at a revision, inclusive',
    breaks: (store) => ({
      ensure: (group, { startFrom = 'end', ...settings } = {}) =>
        store.ensure(group, {
          ...settings,
          startFrom: typeof startFrom === 'bigint' ? startFrom + 1n : startFrom,
        }),
    }),
  },
  {
    fault: 'makes a group anew that exists',
    caughtBy: 'ensure leaves a group that exists where it is',
    breaks: (store) => ({
      ensure: async (group, settings) => {
        await store.remove(group)
        await store.ensure(group, settings)
      },
    }),
  },
  {
    fault: 'keeps the settings a group was made with',
    caughtBy: 'ensure changes the settings it names of a group that has consumers',
    breaks: (store) => ({
      ensure: async (group, settings) => {
        if (!(await store.describe(group))) await store.ensure(group, settings)
      },
    }),
  },
  {
    fault: 'takes a group that follows something else for the same',
    caughtBy: 'ensure refuses a group of the same name that follows something else',
    breaks: (store) => ({ ensure: (...call) => store.ensure(...call).catch(() => undefined) }),
  },
  {
    fault: 'keeps a group that was removed',
    caughtBy: 'remove forgets where the group was and what it has parked',
    breaks: () => ({ remove: async () => undefined }),
  },
  {
    fault: 'forgets why an event was parked',
    caughtBy: 'parked yields what was parked, the longest parked first, with reason and date',
    breaks: (store) => ({
      parked: async function* (group) {
        for await (const batch of store.parked(group))
          yield batch.map((parked) => ({ ...parked, reason: 'parked' }))
      },
    }),
  },
  {
    fault: 'replays everything, whatever the limit',
    caughtBy: 'replayParked delivers only so many again, the longest parked first',
    breaks: (store) => ({ replayParked: (group) => store.replayParked(group) }),
  },
  {
    fault: 'replays nothing',
    caughtBy: 'replayParked delivers what is parked again, with retries counted from 0',
    breaks: () => ({ replayParked: async () => undefined }),
  },
  {
    fault: 'sees no consumers',
    caughtBy: 'describe tells the consumers and what they have not answered',
    breaks: (store) => ({
      describe: async (group) => {
        const status = await store.describe(group)
        return status && { ...status, consumers: [] }
      },
    }),
  },
  {
    fault: 'goes on after it was closed',
    caughtBy: 'close refuses every later call',
    breaks: () => ({ close: async () => undefined }),
  },
]

/** Faults of a consumer-group store. */
export const brokenConsumerGroups: readonly Fault[] = [
  ...brokenDeliveries,
  ...brokenAnswers,
  ...brokenGroups,
]
