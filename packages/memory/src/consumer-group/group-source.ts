import type {
  ConsumerGroup,
  ConsumerGroupSettings,
  EventStore,
  EventSubscription,
  RecordedEvent,
  SubscribeOptions,
} from '@varve/core'

/** What a group follows, and from where. */
export class GroupSource {
  readonly #events: EventStore
  readonly #group: ConsumerGroup

  constructor(events: EventStore, group: ConsumerGroup) {
    this.#events = events
    this.#group = group
  }

  /** Finds the place after which a new group starts; undefined for the start. */
  async placeBefore(
    startFrom: NonNullable<ConsumerGroupSettings['startFrom']>,
  ): Promise<bigint | undefined> {
    if (startFrom === 'start') return undefined
    if (startFrom !== 'end') return startFrom === 0n ? undefined : startFrom - 1n
    const { stream } = this.#group
    const last = { direction: 'backwards', limit: 1 } as const
    const pages =
      stream === undefined ? this.#events.readAll(last) : this.#events.readStream(stream, last)
    for await (const [event] of pages) return event && this.placeOf(event)
    return undefined
  }

  /** The place of an event. */
  placeOf({ revision, position }: RecordedEvent): bigint {
    return this.#group.stream === undefined ? position : revision
  }

  follow(after: bigint | undefined): EventSubscription {
    return this.#events.subscribe(this.#options(after))
  }

  #options(after: bigint | undefined): SubscribeOptions {
    const { stream, category, types, streamPrefixes } = this.#group
    if (stream !== undefined)
      return { stream, ...(after !== undefined && { afterRevision: after }) }
    const start = after === undefined ? {} : { after }
    if (category !== undefined) return { ...start, streamPrefixes: [`${category}-`] }
    if (types) return { ...start, types }
    return streamPrefixes ? { ...start, streamPrefixes } : start
  }
}
