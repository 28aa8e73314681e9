import { delimited, frame, framed, readMessage, readNumber, type Writer } from './protobuf.ts'

/** What a client proposes to append. */
export interface ProposedEvent {
  /** Lower-case UUID. */
  readonly id: string
  readonly type: string
  readonly isJson: boolean
  readonly data: Uint8Array
  readonly metadata: Uint8Array
}

/** Where and when the log recorded an event. */
export interface EventPlace {
  readonly stream: string
  readonly revision: number
  /** Commit and prepare position: they are equal for every event. */
  readonly position: number
  /** Milliseconds since 1970. */
  readonly created: number
}

/**
 * Revision inside the server of the event that ends a tombstoned stream.
 *
 * Clients see 2^63-1, which no JavaScript number can hold.
 */
export const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER

const JSON_CONTENT = 'application/json'
const BINARY_CONTENT = 'application/octet-stream'
const INT64_MAX = { low: -1, high: 0x7fffffff, unsigned: true }

/**
 * Encodes an event as the very bytes a read answers with: a framed `ReadResp`, ids as text.
 *
 * The log stores this, so that reading is copying.
 */
export function encodeEventFrame(event: ProposedEvent, place: EventPlace): Buffer {
  const writer = frame()
  delimited(writer, 1).fork()
  delimited(writer, 1).fork()
  delimited(writer, 1).fork()
  delimited(writer, 2).string(event.id).ldelim()
  delimited(writer, 2).fork()
  delimited(writer, 3).string(place.stream).ldelim()
  writeRevision(writer, place.revision)
  writer.uint32(4 << 3).uint64(place.position)
  writer.uint32(5 << 3).uint64(place.position)
  property(writer, 'type', event.type)
  property(writer, 'content-type', event.isJson ? JSON_CONTENT : BINARY_CONTENT)
  property(writer, 'created', `${place.created}0000`)
  if (event.metadata.length > 0) delimited(writer, 7).bytes(event.metadata)
  if (event.data.length > 0) delimited(writer, 8).bytes(event.data)
  writer.ldelim()
  writer.uint32(3 << 3).uint64(place.position)
  writer.ldelim()
  return framed(writer)
}

function writeRevision(writer: Writer, revision: number): void {
  if (revision === 0) return
  writer.uint32(3 << 3).uint64(revision === TOMBSTONE_REVISION ? INT64_MAX : revision)
}

function property(writer: Writer, key: string, value: string): void {
  delimited(writer, 6).fork()
  delimited(writer, 1).string(key)
  delimited(writer, 2).string(value)
  writer.ldelim()
}

/** The bytes of the `RecordedEvent` inside a stored frame. */
export function recordedEventOf(eventFrame: Buffer): Uint8Array {
  let recorded: Uint8Array = eventFrame.subarray(0, 0)
  readMessage(eventFrame.subarray(5), (_response, response) => {
    readMessage(response.bytes(), (field, reader) => {
      if (field !== 1) return false
      recorded = reader.bytes()
      return true
    })
    return true
  })
  return recorded
}

/** An event read back from its frame, as far as the server itself looks into events. */
export interface DecodedEvent extends ProposedEvent, EventPlace {}

/** Decodes a stored frame. Byte fields are views, not copies. */
export function decodeEventFrame(eventFrame: Buffer): DecodedEvent {
  const empty = eventFrame.subarray(0, 0)
  const event = { id: '', stream: '', revision: 0, position: 0, data: empty, metadata: empty }
  const properties = new Map<string, string>()
  readMessage(recordedEventOf(eventFrame), (field, reader) => {
    if (field === 1) event.id = lastString(reader.bytes())
    else if (field === 2) event.stream = lastString(reader.bytes())
    else if (field === 3) event.revision = readNumber(reader)
    else if (field === 4) event.position = readNumber(reader)
    else if (field === 6) readProperty(reader.bytes(), properties)
    else if (field === 7) event.metadata = Buffer.from(reader.bytes())
    else if (field === 8) event.data = Buffer.from(reader.bytes())
    else return false
    return true
  })
  return {
    ...event,
    type: properties.get('type') ?? '',
    isJson: properties.get('content-type') === JSON_CONTENT,
    created: Number(properties.get('created') ?? 0) / 10_000,
  }
}

/** Reads one entry of an event's property map. */
export function readProperty(bytes: Uint8Array, into: Map<string, string>): void {
  let key = ''
  let value = ''
  readMessage(bytes, (field, reader) => {
    if (field === 1) key = reader.string()
    else if (field === 2) value = reader.string()
    else return false
    return true
  })
  into.set(key, value)
}

function lastString(bytes: Uint8Array): string {
  let value = ''
  readMessage(bytes, (_field, reader) => {
    value = reader.string()
  })
  return value
}
