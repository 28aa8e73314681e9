import { type DecodedEvent, TOMBSTONE_REVISION } from '../wire/event-frame.ts'

/** What stream metadata says about which events of the stream can still be read. */
export interface Retention {
  /** Events before this revision are gone; {@link SOFT_DELETED} hides the whole stream. */
  readonly truncateBefore: number
  /** Only so many of the last events are left. */
  readonly maxCount: number
  /** Milliseconds after which an event is gone. */
  readonly maxAgeMs: number
}

/** `$tb` of a soft-deleted stream. */
export const SOFT_DELETED = TOMBSTONE_REVISION

/** `$tb` of a soft-deleted stream as text, because no JavaScript number holds it. */
export const SOFT_DELETED_TEXT = '9223372036854775807'

/** Nothing is hidden. */
export const KEEP_ALL: Retention = { truncateBefore: 0, maxCount: Infinity, maxAgeMs: Infinity }

/** Of a metadata stream only the last event is left. */
export const KEEP_LAST: Retention = { ...KEEP_ALL, maxCount: 1 }

/** Reads the rules out of the last event of a metadata stream; anything malformed counts as absent. */
export function retentionFrom(metadata: DecodedEvent | undefined): Retention {
  const fields = metadata?.isJson ? jsonObject(metadata.data) : undefined
  if (!fields) return KEEP_ALL
  return {
    truncateBefore: Math.min(wholeNumber(fields['$tb']) ?? 0, SOFT_DELETED),
    maxCount: wholeNumber(fields['$maxCount']) ?? Infinity,
    maxAgeMs: (wholeNumber(fields['$maxAge']) ?? Infinity) * 1000,
  }
}

/** Parses bytes as a JSON object. */
export function jsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** The first revision that can be read of a stream whose last revision is `last`. */
export function firstReadable(retention: Retention, last: number): number {
  return Math.max(retention.truncateBefore, last + 1 - retention.maxCount, 0)
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? Math.floor(value) : undefined
}
