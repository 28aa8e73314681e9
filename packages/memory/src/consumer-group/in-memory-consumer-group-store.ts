import {
  checkConsumerGroup,
  type Clock,
  type ConsumeOptions,
  type Consumer,
  type ConsumerGroup,
  ConsumerGroupConflictError,
  ConsumerGroupNotFoundError,
  type ConsumerGroupSettings,
  type ConsumerGroupStatus,
  type ConsumerGroupStore,
  describeSource,
  type EventStore,
  EventStoreClosedError,
  type ParkedEvent,
  type ReplayParkedOptions,
  systemClock,
} from '@varve/core'
import { GroupSource } from './group-source.ts'
import { InMemoryConsumer } from './in-memory-consumer.ts'
import { InMemoryGroup, type ResolvedSettings } from './in-memory-group.ts'

const defaults: ResolvedSettings = {
  messageTimeoutMs: 30_000,
  maxRetries: 10,
  maxConsumers: Infinity,
  strategy: 'round-robin',
}

/** Options of {@link InMemoryConsumerGroupStore}. */
export interface InMemoryConsumerGroupStoreOptions {
  /** Dates what is parked. Default: the machine's clock. */
  readonly clock?: Clock
}

/**
 * Consumer groups in memory, over the events of an event store: the fast target of tests, and the smallest
 * example of writing one. Groups belong to the store they were made with.
 */
export class InMemoryConsumerGroupStore implements ConsumerGroupStore {
  readonly #events: EventStore
  readonly #clock: Clock
  readonly #groups = new Map<string, InMemoryGroup>()
  readonly #consumers = new Set<InMemoryConsumer>()
  #creating: Promise<void> = Promise.resolve()
  #isClosed = false

  /** @param events Where the events are. It stays open and is closed by whoever opened it. */
  constructor(events: EventStore, options: InMemoryConsumerGroupStoreOptions = {}) {
    this.#events = events
    this.#clock = options.clock ?? systemClock
  }

  async ensure(group: ConsumerGroup, settings: ConsumerGroupSettings = {}): Promise<void> {
    this.#check('ensure', group)
    // One after the other: finding the start of a new group takes a moment.
    const done = this.#creating.then(() => this.#ensure(group, settings))
    this.#creating = done.catch(() => undefined)
    await done
  }

  async remove(group: ConsumerGroup): Promise<void> {
    this.#check('remove', group)
    const found = this.#find(group)
    if (!found) return
    this.#groups.delete(keyOf(group))
    await found.remove()
  }

  async describe(group: ConsumerGroup): Promise<ConsumerGroupStatus | undefined> {
    this.#check('describe', group)
    return this.#find(group)?.status
  }

  consume(group: ConsumerGroup, options: ConsumeOptions = {}): Consumer {
    this.#check('consume', group)
    const consumer = new InMemoryConsumer(group, () => this.#find(group), {
      ...options,
      onStateChange: (change) => {
        if (change.to === 'stopped') this.#consumers.delete(consumer)
        options.onStateChange?.(change)
      },
    })
    this.#consumers.add(consumer)
    return consumer
  }

  parked(group: ConsumerGroup): AsyncIterable<readonly ParkedEvent[]> {
    this.#check('parked', group)
    return batchOf(this.#find(group)?.parked ?? [])
  }

  async replayParked(
    group: ConsumerGroup,
    { limit = Infinity }: ReplayParkedOptions = {},
  ): Promise<void> {
    this.#check('replayParked', group)
    const found = this.#find(group)
    if (!found) throw new ConsumerGroupNotFoundError(group.name, describeSource(group))
    found.replay(limit)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()))
    await Promise.all([...this.#groups.values()].map((group) => group.remove()))
  }

  async #ensure(
    group: ConsumerGroup,
    { startFrom, ...given }: ConsumerGroupSettings,
  ): Promise<void> {
    const existing = this.#groups.get(keyOf(group))
    if (existing && sourceOf(existing.group) !== sourceOf(group))
      throw new ConsumerGroupConflictError(group.name, describeSource(group))
    if (existing) {
      existing.configure({ ...existing.settings, ...given })
      return
    }
    const source = new GroupSource(this.#events, group)
    const after = await source.placeBefore(startFrom ?? 'end')
    const created = new InMemoryGroup(
      group,
      { ...defaults, ...given },
      {
        source,
        after,
        clock: this.#clock,
      },
    )
    this.#groups.set(keyOf(group), created)
  }

  #find(group: ConsumerGroup): InMemoryGroup | undefined {
    const found = this.#groups.get(keyOf(group))
    return found && sourceOf(found.group) === sourceOf(group) ? found : undefined
  }

  #check(operation: string, group: ConsumerGroup): void {
    if (this.#isClosed) throw new EventStoreClosedError(operation)
    checkConsumerGroup(group)
  }
}

/** Groups of one stream are apart from all others. */
function keyOf({ name, stream }: ConsumerGroup): string {
  return `${stream ?? ''}::${name}`
}

function sourceOf({ stream, category, types, streamPrefixes }: ConsumerGroup): string {
  const prefixes = category === undefined ? streamPrefixes : [`${category}-`]
  return JSON.stringify([stream, types?.toSorted(), prefixes?.toSorted()])
}

async function* batchOf<T>(list: readonly T[]): AsyncGenerator<readonly T[], undefined> {
  if (list.length > 0) yield [...list]
}
