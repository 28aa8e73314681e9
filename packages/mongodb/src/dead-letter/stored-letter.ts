import {
  type DeadLetter,
  type DeadLetterCause,
  type DeadLetterQueue,
  type DeadLetterState,
  DeadLetterTooLargeError,
  type EventMetadata,
  type LetterDelivery,
  type RecordedEvent,
  type StreamName,
} from '@varve/core'
import { Binary } from 'mongodb'

/** MongoDB's limit for one document, less what stands beside the event. */
const maxEventBytes = 15 * 1024 * 1024

/** A letter as MongoDB has it. The event's data and metadata are text, so that any key and number comes back. */
export interface StoredLetter {
  readonly _id: string
  readonly consumer: string
  readonly model: string | null
  readonly key: string
  readonly slot: number
  readonly position: bigint
  /** `settled`: it was given up and is gone; only its id is kept. */
  readonly state: DeadLetterState | 'settled'
  readonly attempts: number
  readonly cause: DeadLetterCause | null
  readonly dueAt: Date | null
  readonly since: Date
  readonly event: StoredEvent
  readonly round?: number
  readonly delivery?: LetterDelivery
}

interface StoredEvent {
  readonly id: string
  readonly type: string
  readonly stream: string
  readonly revision: bigint
  readonly recordedAt: Date
  readonly metadata: string
  /** JSON, unless the event holds other text or bytes. */
  readonly data: string | Binary
  readonly isText: boolean
}

/** Id of a letter: its queue and position. */
export function letterId({ consumer, model, key }: DeadLetterQueue, position: bigint): string {
  return JSON.stringify([consumer, model ?? null, key, `${position}`])
}

/** @throws {DeadLetterTooLargeError} */
export function toStored({ queue, event, cause, dueAt, ...rest }: DeadLetter): StoredLetter {
  const { consumer, model, key } = queue
  const { position } = event
  const stored = storedEvent(event)
  const bytes = sizeOf(stored.data) + sizeOf(stored.metadata)
  if (bytes > maxEventBytes)
    throw new DeadLetterTooLargeError(queue, position, bytes, maxEventBytes)
  return {
    _id: letterId(queue, position),
    consumer,
    model: model ?? null,
    key,
    position,
    ...rest,
    cause: cause ?? null,
    dueAt: dueAt ?? null,
    event: stored,
  }
}

/** Reads a letter; int64 must come as bigint. */
export function fromStored(stored: StoredLetter): DeadLetter {
  const { consumer, model, key, slot, state, attempts, cause, dueAt, since, delivery, round } =
    stored
  return {
    queue: { consumer, model: model ?? undefined, key },
    event: { ...eventOf(stored.event), position: stored.position },
    slot,
    state: state as DeadLetterState,
    attempts,
    cause: cause ?? undefined,
    dueAt: dueAt ?? undefined,
    since,
    ...(round !== undefined && { round }),
    ...(delivery && { delivery }),
  }
}

function storedEvent(event: RecordedEvent): StoredEvent {
  const { id, type, stream, revision, recordedAt, data } = event
  const isText = typeof data === 'string'
  return {
    id,
    type,
    stream,
    revision,
    recordedAt,
    metadata: JSON.stringify(event.metadata),
    isText,
    data: isText
      ? data
      : data instanceof Uint8Array
        ? new Binary(data)
        : JSON.stringify(data ?? null),
  }
}

function eventOf(stored: StoredEvent): Omit<RecordedEvent, 'position'> {
  const { id, type, stream, revision, recordedAt, metadata, data, isText } = stored
  return {
    id,
    type,
    stream: stream as StreamName,
    revision,
    recordedAt,
    metadata: JSON.parse(metadata) as EventMetadata,
    data: typeof data !== 'string' ? bytesOf(data) : isText ? data : (JSON.parse(data) as unknown),
  }
}

function bytesOf(data: Binary | Uint8Array): Uint8Array {
  const bytes = data instanceof Uint8Array ? data : data.value()
  return new Uint8Array(bytes)
}

function sizeOf(data: string | Binary): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.length()
}
