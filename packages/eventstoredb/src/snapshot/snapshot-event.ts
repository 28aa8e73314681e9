import { createHash } from 'node:crypto'
import {
  type EventToAppend,
  type JsonObject,
  type JsonValue,
  randomIds,
  type RecordedEvent,
  type Snapshot,
  type StreamName,
} from '@varve/core'

const type = 'varve.snapshot'

/** A snapshot as it was stored. */
export interface StoredSnapshot {
  readonly snapshot: Snapshot
  /** Revision of the newest snapshot stored up to and with this one. */
  readonly newest: bigint
}

/** Encodes a snapshot, as it is now. The same snapshot always gets the same event id. */
export function encodeSnapshot(snapshot: Snapshot): EventToAppend {
  const { stream, revision, version, state, takenAt, commandIds } = snapshot
  const data = {
    stream,
    revision: revision.toString(),
    version,
    takenAt: takenAt.toISOString(),
    state,
    ...(commandIds !== undefined && { commandIds }),
  }
  try {
    const text = JSON.stringify(data)
    return { id: idOf(text), type, data: JSON.parse(text) as JsonObject, metadata: {} }
  } catch {
    // The append refuses it and says why.
    return { id: randomIds.next(), type, data, metadata: {} }
  }
}

/**
 * Notes in a snapshot that it comes late.
 *
 * @param newest Revision of the newest snapshot stored so far.
 */
export function notingNewest(
  event: EventToAppend,
  revision: bigint,
  newest?: bigint,
): EventToAppend {
  if (newest === undefined || newest <= revision) return event
  return { ...event, metadata: { newest: newest.toString() } }
}

/** Decodes a snapshot of a stream; undefined where the event is none, or another stream's. */
export function decodeSnapshot(
  event: RecordedEvent,
  stream: StreamName,
): StoredSnapshot | undefined {
  if (event.type !== type || typeof event.data !== 'object' || event.data === null) return undefined
  const data = event.data as Readonly<Record<string, unknown>>
  const { revision, version, takenAt, state, commandIds } = data
  if (data['stream'] !== stream || state === undefined) return undefined
  if (typeof revision !== 'string' || !/^\d+$/.test(revision)) return undefined
  if (typeof version !== 'number' || typeof takenAt !== 'string') return undefined
  const date = new Date(takenAt)
  if (Number.isNaN(date.getTime())) return undefined
  return {
    snapshot: {
      stream,
      revision: BigInt(revision),
      version,
      state: state as JsonValue,
      takenAt: date,
      ...(typeof commandIds === 'string' && { commandIds }),
    },
    newest: newestOf(event) ?? BigInt(revision),
  }
}

function newestOf({ metadata: { newest } }: RecordedEvent): bigint | undefined {
  return typeof newest === 'string' && /^\d+$/.test(newest) ? BigInt(newest) : undefined
}

function idOf(content: string): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16)
  // Version 8 of RFC 9562: a UUID of one's own making.
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
