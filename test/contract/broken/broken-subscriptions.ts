import type {
  EventStore,
  EventSubscription,
  SubscribeOptions,
  SubscriptionBatch,
  SubscriptionState,
} from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { mapped } from './mapped-reads.ts'

interface Changes {
  readonly state?: () => SubscriptionState
  readonly stop?: () => Promise<void>
}

/** A subscription whose batches, or parts, are not what they should be. */
function changed(
  inner: EventSubscription,
  batches: (from: EventSubscription) => AsyncIterable<SubscriptionBatch>,
  { state = () => inner.state, stop = () => inner.stop() }: Changes = {},
): EventSubscription {
  return {
    get state() {
      return state()
    },
    stop,
    [Symbol.asyncIterator]: () => batches(inner)[Symbol.asyncIterator](),
  }
}

/** Changes each batch. */
function changing(
  change: (batch: SubscriptionBatch) => SubscriptionBatch,
): (store: EventStore) => Partial<EventStore> {
  return (store) => ({
    subscribe: (options) => changed(store.subscribe(options), (from) => mapped(from, change)),
  })
}

/** Changes what is asked for. */
function asking(
  change: (options: SubscribeOptions) => SubscribeOptions,
): (store: EventStore) => Partial<EventStore> {
  return (store) => ({ subscribe: (options = {}) => store.subscribe(change(options)) })
}

/** Does something to the events of the first batch that is live. */
function atTheSwitch(
  change: (events: SubscriptionBatch['events']) => SubscriptionBatch['events'],
): (store: EventStore) => Partial<EventStore> {
  return (store) => ({
    subscribe: (options) => {
      let wasLive = false
      return changed(store.subscribe(options), (from) =>
        mapped(from, (batch) => {
          const isSwitch = wasLive && batch.events.length > 0
          wasLive = batch.isCaughtUp && !isSwitch
          return isSwitch ? { ...batch, events: change(batch.events) } : batch
        }),
      )
    },
  })
}

const liveCase = 'subscribe yields what is there and then what comes, each once and in order'

/** Faults in what a subscription yields, and when. */
export const brokenSubscriptions: readonly BrokenStore<EventStore>[] = [
  {
    fault: 'skips an event at the switch to live',
    caughtBy: liveCase,
    breaks: atTheSwitch((events) => events.slice(1)),
  },
  {
    fault: 'doubles an event at the switch to live',
    caughtBy: liveCase,
    breaks: atTheSwitch((events) => [...events.slice(0, 1), ...events]),
  },
  {
    fault: 'yields the events of a batch newest first',
    caughtBy: liveCase,
    breaks: changing((batch) => ({ ...batch, events: batch.events.toReversed() })),
  },
  {
    fault: 'never goes live',
    caughtBy: liveCase,
    breaks: (store) => ({
      subscribe: (options) =>
        changed(store.subscribe(options), async function* (from) {
          for await (const batch of from) {
            yield batch
            if (batch.isCaughtUp) return
          }
        }),
    }),
  },
  {
    fault: 'resumes at the position instead of after it',
    caughtBy: 'subscribe resumes after a position, exclusive',
    breaks: asking((options) =>
      options.after === undefined || options.after === 0n
        ? options
        : { ...options, after: options.after - 1n },
    ),
  },
  {
    fault: 'resumes from the start',
    caughtBy: 'subscribe resumes after a position, exclusive',
    breaks: asking(({ after: _, ...options }) => options),
  },
  {
    fault: 'reports a position ahead of what it yielded',
    caughtBy: 'subscribe yields exactly the rest when resumed from the position of a batch',
    breaks: changing((batch) => ({ ...batch, position: (batch.position ?? 0n) + 3n })),
  },
  {
    fault: 'ignores the types',
    caughtBy: 'subscribe yields only the types asked for, also when they come live',
    breaks: asking(({ types: _, ...options }) => options),
  },
  {
    fault: 'filters types by prefix',
    caughtBy: 'subscribe yields only the types asked for, also when they come live',
    breaks: (store) => ({
      subscribe: ({ types, ...options } = {}) =>
        changed(store.subscribe(options), (from) =>
          mapped(from, (batch) => ({
            ...batch,
            events: types
              ? batch.events.filter(({ type }) => types.some((prefix) => type.startsWith(prefix)))
              : batch.events,
          })),
        ),
    }),
  },
  {
    fault: 'looks at the first prefix only',
    caughtBy: 'subscribe yields only streams with one of the prefixes, also when they come live',
    breaks: asking(({ streamPrefixes, ...options }) => ({
      ...options,
      ...(streamPrefixes && { streamPrefixes: streamPrefixes.slice(0, 1) }),
    })),
  },
  {
    fault: 'starts a stream at the revision instead of after it',
    caughtBy: 'subscribe follows one stream after a revision, exclusive',
    breaks: asking((options) =>
      options.afterRevision === undefined
        ? options
        : { ...options, afterRevision: options.afterRevision - 1n },
    ),
  },
  {
    fault: 'follows only streams that exist',
    caughtBy: 'subscribe follows one stream from its start, also before it exists',
    breaks: (store) => ({
      subscribe: (options = {}) =>
        options.stream === undefined || options.afterRevision !== undefined
          ? store.subscribe(options)
          : changed(store.subscribe(options), async function* (from) {
              for await (const batch of from)
                if (batch.events.length > 0) yield batch
                else return
            }),
    }),
  },
  {
    fault: 'loses what a slow consumer has no time for',
    caughtBy: 'subscribe keeps every event for a slow consumer, in order',
    breaks: (store) => ({
      subscribe: (options) => {
        let isSlow = false
        return changed(store.subscribe(options), async function* (from) {
          for await (const batch of from) {
            const before = performance.now()
            yield isSlow ? { ...batch, events: batch.events.slice(-500) } : batch
            isSlow = performance.now() - before > 1
          }
        })
      },
    }),
  },
]

/** Faults in what a subscription says of itself. */
export const brokenReports: readonly BrokenStore<EventStore>[] = [
  {
    fault: 'never says that it caught up',
    caughtBy: 'subscribe says when it caught up, also where nothing matches',
    breaks: changing((batch) => ({ ...batch, isCaughtUp: false })),
  },
  {
    fault: 'says that it caught up with every batch',
    caughtBy: 'subscribe says that it caught up only after everything that was there',
    breaks: changing((batch) => ({ ...batch, isCaughtUp: true })),
  },
  {
    fault: 'yields nothing but events',
    caughtBy: 'subscribe says when it caught up, also where nothing matches',
    breaks: (store) => ({
      subscribe: (options) =>
        changed(store.subscribe(options), async function* (from) {
          for await (const batch of from) if (batch.events.length > 0) yield batch
        }),
    }),
  },
  {
    fault: 'keeps its position where nothing matches',
    caughtBy: 'subscribe moves its position past events it does not ask for',
    breaks: (store) => ({
      subscribe: (options = {}) => {
        let position = options.after
        return changed(store.subscribe(options), (from) =>
          mapped(from, (batch) => {
            position = batch.events.at(-1)?.position ?? position
            return { ...batch, position }
          }),
        )
      },
    }),
  },
  {
    fault: 'lets its position go back',
    caughtBy: 'subscribe moves its position past events it does not ask for',
    breaks: (store) => ({
      subscribe: (options) => {
        let count = 0n
        return changed(store.subscribe(options), (from) =>
          mapped(from, (batch) => ({
            ...batch,
            position: (batch.position ?? 0n) - ++count * 1000n,
          })),
        )
      },
    }),
  },
  {
    fault: 'does not end when stopped at rest',
    caughtBy: 'subscribe ends its loop when stopped, at work and at rest, once and again',
    breaks: (store) => ({
      subscribe: (options) =>
        changed(store.subscribe(options), (from) => from, { stop: async () => undefined }),
    }),
  },
  {
    fault: 'does not stop when its loop is left',
    caughtBy: 'subscribe stops when its loop is left',
    breaks: (store) => ({
      subscribe: (options) => {
        const inner = store.subscribe(options)
        const iterator = inner[Symbol.asyncIterator]()
        return changed(inner, () => ({
          [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }),
        }))
      },
    }),
  },
  {
    fault: 'tells nobody of its state',
    caughtBy: 'subscribe tells each change of its state: live after catching up, stopped at last',
    breaks: asking(({ onStateChange: _, ...options }) => options),
  },
]

/** Faults of a closed store. */
export const brokenCloses: readonly BrokenStore<EventStore>[] = [
  {
    fault: 'leaves subscriptions running when it is closed',
    caughtBy: 'close ends the loops of subscriptions without an error',
    breaks: () => ({ close: async () => undefined }),
  },
  {
    fault: 'serves on when it is closed',
    caughtBy: 'close refuses every later call',
    breaks: () => ({ close: async () => undefined }),
  },
  {
    fault: 'fails when it is closed again',
    caughtBy: 'close may be called again',
    breaks: (store) => {
      let isClosed = false
      return {
        close: async () => {
          if (isClosed) throw new Error('closed already')
          isClosed = true
          await store.close()
        },
      }
    },
  },
]
