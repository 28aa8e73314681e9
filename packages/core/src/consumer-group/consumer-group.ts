import type { StreamName } from '../event-store/stream-name.ts'
import { checkCategory } from '../event-store/stream-name.ts'
import { InvalidConsumerGroupError } from './consumer-group-errors.ts'

/**
 * Consumers that share the events of one source: each event goes to one of them. EventStoreDB calls it a
 * persistent subscription.
 *
 * At most one of `stream`, `category`, `types` and `streamPrefixes` says what the group follows; without any
 * it is the whole log. The server's own events are never delivered. What a group follows belongs to it: it
 * cannot be changed later.
 */
export interface ConsumerGroup {
  /** Not empty, without `::`. Unique per stream, and among the groups that do not follow a single stream. */
  readonly name: string
  /** Only this stream. Links in it are followed, so the streams of the server's projections work too. */
  readonly stream?: StreamName
  /** Only streams of this category: those whose names start with it and `-`. */
  readonly category?: string
  /** Only events of these types. */
  readonly types?: readonly string[]
  /** Only streams with one of these prefixes. */
  readonly streamPrefixes?: readonly string[]
}

/** How a group spreads its events over its consumers. */
export type ConsumerStrategy =
  /** In turns, to whoever has room. */
  | 'round-robin'
  /** To one consumer for as long as it has room; the others are in reserve. */
  | 'dispatch-to-single'
  /** Events of one stream to the same consumer, as long as no consumer joins or leaves. */
  | 'pinned'

/** How a group delivers. */
export interface ConsumerGroupSettings {
  /**
   * First event of a new group: the start of the source, what comes from now on, or one event, inclusive, by
   * its revision with `stream` and by its position otherwise. An existing group goes on where it is. Default
   * `'end'`.
   */
  readonly startFrom?: 'start' | 'end' | bigint
  /** How long a delivery may stay unanswered before the event is delivered again, in milliseconds. Default 30 000. */
  readonly messageTimeoutMs?: number
  /** How often an event is delivered again before it is parked. Default 10. */
  readonly maxRetries?: number
  /** Most consumers at a time. Default: any number. */
  readonly maxConsumers?: number
  /** Default `'round-robin'`. */
  readonly strategy?: ConsumerStrategy
}

/** A consumer as the server sees it. */
export interface ConnectedConsumer {
  /** Name of its connection; several consumers may share one. */
  readonly name: string
  /** Events delivered to it and not answered. */
  readonly inFlight: number
}

/** Where a group is. Counts are of one moment. */
export interface ConsumerGroupStatus {
  /**
   * Everything up to here is done with: a revision with `stream`, otherwise a position. Written from time to
   * time, so it may lag; after a restart the server delivers again what comes after it. Undefined before the
   * first one.
   */
  readonly checkpoint: bigint | undefined
  /** Events delivered and not answered. */
  readonly inFlight: number
  /** Events that wait to be delivered again. */
  readonly retrying: number
  readonly parked: number
  readonly consumers: readonly ConnectedConsumer[]
}

/**
 * Checks a group.
 *
 * @throws {InvalidConsumerGroupError} It has no usable name, or several sources.
 * @throws {InvalidStreamNameError} Its category cannot be one.
 */
export function checkConsumerGroup(group: ConsumerGroup): void {
  const { name, stream, category, types, streamPrefixes } = group
  if (name === '') throw new InvalidConsumerGroupError(name, 'its name is empty')
  if (name.includes('::'))
    throw new InvalidConsumerGroupError(name, 'its name has "::", which ends names on the server')
  const sources = Object.entries({ stream, category, types, streamPrefixes })
  const given = sources.filter(([, value]) => value !== undefined).map(([key]) => `"${key}"`)
  if (given.length > 1)
    throw new InvalidConsumerGroupError(name, `it has ${given.join(' and ')}; use one of them`)
  if (types?.length === 0 || streamPrefixes?.length === 0)
    throw new InvalidConsumerGroupError(
      name,
      `${given.join()} is empty, so nothing would ever come`,
    )
  if (category !== undefined) checkCategory(category)
}

/** Says what a group follows, for messages. */
export function describeSource(group: ConsumerGroup): string {
  const { stream, category, types, streamPrefixes } = group
  if (stream !== undefined) return `stream "${stream}"`
  if (category !== undefined) return `category "${category}"`
  if (types) return `events of type ${types.map((type) => `"${type}"`).join(', ')}`
  if (streamPrefixes)
    return `streams starting with ${streamPrefixes.map((prefix) => `"${prefix}"`).join(', ')}`
  return 'the whole log'
}
