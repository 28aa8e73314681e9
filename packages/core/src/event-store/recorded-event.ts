import type { JsonObject } from '../serialization/json-value.ts'
import type { StreamName } from './stream-name.ts'

/**
 * What stands beside an event's data. Names with `$` are read by EventStoreDB itself; the rest is Varve's.
 * Users may add their own keys.
 */
export interface EventMetadata {
  /** Same for everything that one first message set off. */
  readonly $correlationId?: string
  /** Id of the message that directly caused this event. */
  readonly $causationId?: string
  readonly commandId?: string
  readonly commandType?: string
  /** Of the command's payload, where its id was given by the caller. */
  readonly commandDigest?: string
  /** Version of the event's schema; 1 where absent. */
  readonly schemaVersion?: number
  readonly actor?: string
  readonly tenant?: string
  /** W3C trace context. */
  readonly traceparent?: string
  readonly [key: string]: unknown
}

/** An event on its way into a stream: encoded, identified, not yet recorded. */
export interface EventToAppend {
  /** UUID. The same id at the same expected revision is recorded once, however often it is sent. */
  readonly id: string
  readonly type: string
  readonly data: JsonObject
  readonly metadata: EventMetadata
}

/** An event as it stands in the log. */
export interface RecordedEvent {
  readonly id: string
  readonly type: string
  readonly stream: StreamName
  /** Zero-based, gap-free within the stream. */
  readonly revision: bigint
  /** Place in the whole log: opaque, only ordered. */
  readonly position: bigint
  /** The decoded JSON; the raw text where it was malformed, bytes where the event is binary. */
  readonly data: unknown
  readonly metadata: EventMetadata
  readonly recordedAt: Date
}
