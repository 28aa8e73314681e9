import {
  type EventToAppend,
  EventTooLargeError,
  InvalidAppendError,
  type StreamName,
} from '@varve/core'
import { findUnserializable } from './find-unserializable.ts'
import { JsonEvent } from './json-event.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const encoder = new TextEncoder()

/** Largest record and largest message of any server; over it the connection itself would break. */
const maxEventBytes = 16 * 1024 * 1024 - 10_000
/** Room for ids, names and the framing of one message. */
const envelopeBytes = 2_048

/**
 * Checks and encodes a batch, before the client sees it.
 *
 * @throws {InvalidAppendError} The batch is empty, an id is no UUID, a type is empty, or JSON cannot carry a payload.
 * @throws {EventTooLargeError} An event is larger than any server takes.
 */
export function encodeEvents(
  stream: StreamName,
  events: readonly EventToAppend[],
): readonly JsonEvent[] {
  if (stream === '') throw new InvalidAppendError(stream, 'the name of the stream is empty')
  if (events.length === 0) throw new InvalidAppendError(stream, 'it has no events')
  return events.map((event) => encodeEvent(stream, event))
}

function encodeEvent(stream: StreamName, event: EventToAppend): JsonEvent {
  const id = event.id.toLowerCase()
  if (!uuid.test(id)) throw new InvalidAppendError(stream, `the event id "${event.id}" is no UUID`)
  if (event.type === '') throw new InvalidAppendError(stream, 'an event has an empty type')
  const data = encodeJson(stream, event.type, event.data)
  const metadata = isEmpty(event.metadata)
    ? undefined
    : encodeJson(stream, event.type, event.metadata)
  if (data.length + (metadata?.length ?? 0) + envelopeBytes > maxEventBytes)
    throw new EventTooLargeError(stream, maxEventBytes)
  return new JsonEvent(id, event.type, { data, metadata })
}

function encodeJson(stream: StreamName, type: string, payload: unknown): Uint8Array {
  let text: string | undefined
  let cause: unknown
  try {
    text = JSON.stringify(payload)
  } catch (error) {
    cause = error
  }
  if (text !== undefined) return encoder.encode(text)
  const { path, found } = findUnserializable(payload) ?? { path: '', found: 'refused by JSON' }
  const subject = path === '' ? 'the payload' : `"${path}"`
  throw new InvalidAppendError(
    stream,
    `JSON cannot carry an event of type "${type}": ${subject} is ${found}`,
    { cause },
  )
}

function isEmpty(metadata: object): boolean {
  for (const _ in metadata) return false
  return true
}
