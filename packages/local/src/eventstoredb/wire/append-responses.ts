import { ANY, type ExpectedRevision, NO_STREAM, STREAM_EXISTS } from './expected-revision.ts'
import {
  delimited,
  frame,
  framed,
  message,
  nested,
  streamIdentifier,
  text,
  varint,
  varintAlways,
  type Writer,
} from './protobuf.ts'

/** Where an append ended: the revision (-1 when it had no events) and position of its last event. */
export interface AppendedAt {
  readonly revision: number
  readonly position: number
}

/** What failed in one append of a batch; the name is that of a message in `event_store.client`. */
export interface BatchFailure {
  readonly code: number
  readonly name: string
  readonly details: Uint8Array
}

/** A framed `AppendResp` of success. */
export function appendSucceeded(at: AppendedAt): Buffer {
  return framed(nested(frame(), 1, (success) => writeSuccess(success, at)))
}

/** A framed `AppendResp` for a conflict, in both encodings that clients know. */
export function appendConflicted(expected: ExpectedRevision, actual: number): Buffer {
  return framed(
    nested(frame(), 2, (conflict) => {
      writeCurrent(conflict, actual, 1)
      writeExpected(conflict, expected, { revision: 3, any: 4, streamExists: 5, noStream: 3 })
      writeCurrent(conflict, actual, 6)
      writeExpected(conflict, expected, { revision: 8, any: 9, streamExists: 10, noStream: 11 })
    }),
  )
}

/** A framed `BatchAppendResp` of success. */
export function batchSucceeded(correlation: Uint8Array, stream: string, at: AppendedAt): Buffer {
  const writer = frame()
  delimited(writer, 1).bytes(correlation)
  nested(writer, 3, (success) => writeSuccess(success, at))
  streamIdentifier(writer, 4, stream)
  return framed(writer)
}

/** A framed `BatchAppendResp` with a `google.rpc.Status`. */
export function batchFailed(
  correlation: Uint8Array,
  stream: string,
  { code, name, details }: BatchFailure,
): Buffer {
  const writer = frame()
  delimited(writer, 1).bytes(correlation)
  nested(writer, 2, (status) => {
    varint(status, 1, code)
    text(status, 2, name)
    nested(status, 3, (any) => {
      text(any, 1, `type.googleapis.com/event_store.client.${name}`)
      delimited(any, 2).bytes(details)
    })
  })
  streamIdentifier(writer, 4, stream)
  return framed(writer)
}

/** A framed `DeleteResp` or `TombstoneResp`. */
export function deleteSucceeded(position: number): Buffer {
  return framed(nested(frame(), 1, (at) => writePosition(at, position)))
}

/** The details of a conflict in a batch. */
export function conflictDetails(expected: ExpectedRevision, actual: number): Uint8Array {
  const writer = message()
  writeCurrent(writer, actual, 1)
  writeExpected(writer, expected, { revision: 3, any: 4, streamExists: 5, noStream: 6 })
  return writer.finish()
}

/** The details of an append to a deleted stream in a batch. */
export function streamDeletedDetails(stream: string): Uint8Array {
  return streamIdentifier(message(), 1, stream).finish()
}

/** The details of an append that is too large. */
export function maxAppendSizeDetails(bytes: number): Uint8Array {
  return varint(message(), 1, bytes).finish()
}

/** The details of a request the server cannot take. */
export function badRequestDetails(reason: string): Uint8Array {
  return text(message(), 1, reason).finish()
}

function writeSuccess(success: Writer, { revision, position }: AppendedAt): void {
  writeCurrent(success, revision, 1)
  nested(success, 3, (at) => writePosition(at, position))
}

function writePosition(at: Writer, position: number): void {
  varint(at, 1, position)
  varint(at, 2, position)
}

/** Writes the current revision, or the field after it when there is no stream. */
function writeCurrent(writer: Writer, revision: number, field: number): void {
  if (revision < 0) nested(writer, field + 1)
  else varintAlways(writer, field, revision)
}

function writeExpected(
  writer: Writer,
  expected: ExpectedRevision,
  fields: { revision: number; any: number; streamExists: number; noStream: number },
): void {
  if (expected === ANY) nested(writer, fields.any)
  else if (expected === STREAM_EXISTS) nested(writer, fields.streamExists)
  else if (expected === NO_STREAM && fields.noStream !== fields.revision)
    nested(writer, fields.noStream)
  else varintAlways(writer, fields.revision, expected)
}
