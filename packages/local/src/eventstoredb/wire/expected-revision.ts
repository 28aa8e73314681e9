import { MAX_NUMBER, readNumber, type Reader } from './protobuf.ts'

/** What an append expects of its stream: the revision of its last event, or one of three states. */
export type ExpectedRevision = number

/** The stream must not exist. */
export const NO_STREAM = -1
/** Anything goes. */
export const ANY = -2
/** The stream must exist. */
export const STREAM_EXISTS = -4

/**
 * Reads the expected revision out of the options of Append, BatchAppend, Delete and Tombstone, which number it alike.
 *
 * @returns Undefined when the field is another one.
 */
export function readExpectedRevision(field: number, reader: Reader): ExpectedRevision | undefined {
  if (field === 2) return Math.min(readNumber(reader), MAX_NUMBER - 1)
  const state = STATES[field]
  if (state !== undefined) reader.bytes()
  return state
}

const STATES: Readonly<Record<number, ExpectedRevision>> = {
  3: NO_STREAM,
  4: ANY,
  5: STREAM_EXISTS,
}
