import {
  type EventMetadata,
  type EventToAppend,
  EventTooLargeError,
  InvalidAppendError,
  type JsonValue,
  type StreamName,
} from '@varve/core'
import { frozenJson, type JsonSize } from '../serialization/frozen-json.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** An event as the log will keep it, before it has a place. */
export interface AcceptedEvent {
  readonly id: string
  readonly type: string
  readonly data: JsonValue
  readonly metadata: EventMetadata
}

/**
 * Checks and copies a batch, so that nothing the writer does later reaches the log.
 *
 * @throws {InvalidAppendError} The batch is empty, an id is no UUID, a type is empty, or JSON cannot carry a payload.
 * @throws {EventTooLargeError} The batch is over the limit.
 */
export function acceptEvents(
  stream: StreamName,
  events: readonly EventToAppend[],
  maxBytes: number,
): readonly AcceptedEvent[] {
  if (events.length === 0) throw new InvalidAppendError(stream, 'it has no events')
  const size = { characters: 0 }
  const accepted = events.map((event) => acceptEvent(stream, event, size))
  // UTF-8 takes one to three bytes for each character: count exactly only where it could matter.
  if (size.characters * 3 > maxBytes && byteLength(accepted) > maxBytes)
    throw new EventTooLargeError(stream, maxBytes)
  return accepted
}

function acceptEvent(stream: StreamName, event: EventToAppend, size: JsonSize): AcceptedEvent {
  if (!uuid.test(event.id))
    throw new InvalidAppendError(stream, `the event id "${event.id}" is no UUID`)
  if (event.type === '') throw new InvalidAppendError(stream, 'an event has an empty type')
  try {
    return {
      id: event.id.toLowerCase(),
      type: event.type,
      data: frozenJson(event.data, size) ?? null,
      metadata: frozenJson(event.metadata, size) as EventMetadata,
    }
  } catch (cause) {
    throw new InvalidAppendError(
      stream,
      `JSON cannot carry the payload of an event of type "${event.type}"`,
      { cause },
    )
  }
}

function byteLength(events: readonly AcceptedEvent[]): number {
  return events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event.data)), 0)
}
