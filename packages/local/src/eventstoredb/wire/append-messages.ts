import type { ProposedEvent } from './event-frame.ts'
import { type ExpectedRevision, readExpectedRevision } from './expected-revision.ts'
import { readProposedEvent } from './proposed-event.ts'
import { readMessage, readNumber, readStreamIdentifier } from './protobuf.ts'

/** What an append or deletion is about. */
export interface WriteOptions {
  readonly stream: string
  /** Undefined when the client left it out, which the server refuses. */
  readonly expected: ExpectedRevision | undefined
  /** Milliseconds since 1970 after which the client does not wait any more. */
  readonly deadline: number
}

/** One message of an Append call: the options first, then one event each. */
export type AppendMessage = { readonly options: WriteOptions } | { readonly event: ProposedEvent }

/** One message of a BatchAppend call: a part of one append. */
export interface BatchAppendMessage {
  /** The `UUID` message as it came: it goes back as it is. */
  readonly correlation: Uint8Array
  /** Only the first part of an append has them. */
  readonly options: WriteOptions | undefined
  /** Encoded `ProposedMessage`s. */
  readonly proposals: readonly Uint8Array[]
  readonly isFinal: boolean
}

/** Reads an `AppendReq`. */
export function readAppendMessage(bytes: Uint8Array): AppendMessage | undefined {
  let result: AppendMessage | undefined
  readMessage(bytes, (field, reader) => {
    if (field === 1) result = { options: readWriteOptions(reader.bytes()) }
    else if (field === 2) result = { event: readProposedEvent(reader.bytes()) }
    else return false
    return true
  })
  return result
}

/** Reads a `DeleteReq` or `TombstoneReq`. */
export function readDeleteMessage(bytes: Uint8Array): WriteOptions {
  let result: WriteOptions = { stream: '', expected: undefined, deadline: Infinity }
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false
    result = readWriteOptions(reader.bytes())
    return true
  })
  return result
}

/** Reads a `BatchAppendReq`. */
export function readBatchAppendMessage(bytes: Uint8Array): BatchAppendMessage {
  let correlation: Uint8Array = new Uint8Array(0)
  let options: WriteOptions | undefined
  let isFinal = false
  const proposals: Uint8Array[] = []
  readMessage(bytes, (field, reader) => {
    if (field === 3) proposals.push(reader.bytes())
    else if (field === 1) correlation = reader.bytes()
    else if (field === 2) options = readWriteOptions(reader.bytes())
    else if (field === 4) isFinal = reader.bool()
    else return false
    return true
  })
  return { correlation, options, isFinal, proposals }
}

function readWriteOptions(bytes: Uint8Array): WriteOptions {
  let stream = ''
  let expected: ExpectedRevision | undefined
  let deadline = Infinity
  readMessage(bytes, (field, reader) => {
    if (field === 1) stream = readStreamIdentifier(reader.bytes())
    else if (field === 6) deadline = readTime(reader.bytes())
    else if (field === 7) deadline = Date.now() + readTime(reader.bytes())
    else {
      const value = readExpectedRevision(field, reader)
      if (value === undefined) return false
      expected = value
    }
    return true
  })
  return { stream, expected, deadline }
}

/** Reads a `Timestamp` or a `Duration` as milliseconds. */
function readTime(bytes: Uint8Array): number {
  let seconds = 0
  let nanos = 0
  readMessage(bytes, (field, reader) => {
    if (field === 1) seconds = readNumber(reader)
    else if (field === 2) nanos = reader.int32()
    else return false
    return true
  })
  return seconds * 1000 + nanos / 1e6
}
