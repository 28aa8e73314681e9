import { decodeEventFrame, recordedEventOf } from './event-frame.ts'
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
import { writeStructuredUuid } from './uuid.ts'

/** A framed `ReadResp` that confirms a subscription. */
export function subscriptionConfirmed(id: string): Buffer {
  return framed(nested(frame(), 2, (confirmation) => text(confirmation, 1, id)))
}

/** A framed `ReadResp` with the position up to which a filtered subscription has seen everything. */
export function checkpointReached(position: number): Buffer {
  return framed(
    nested(frame(), 3, (checkpoint) => {
      varint(checkpoint, 1, position)
      varint(checkpoint, 2, position)
    }),
  )
}

/** A framed `ReadResp` for a stream that is not there. */
export function streamNotFound(stream: string): Buffer {
  return framed(nested(frame(), 4, (missing) => streamIdentifier(missing, 1, stream)))
}

/** The framed `ReadResp` that a subscription has reached the end and goes live. */
export const CAUGHT_UP: Buffer = framed(nested(frame(), 8))

/** The framed `ReadResp` that a live subscription is behind again. */
export const FELL_BEHIND: Buffer = framed(nested(frame(), 9))

/** A read event whose parts come from stored frames. */
export interface ResolvedFrames {
  /** Undefined for a link whose target is gone. */
  readonly event: Buffer | undefined
  readonly link: Buffer | undefined
}

/** What makes a read event differ from the stored frame. */
export interface EventPresentation {
  readonly structuredIds: boolean
  /** Set for persistent subscriptions. */
  readonly retryCount?: number
}

/** A framed `ReadResp` composed of stored events; its position is that of the link, if there is one. */
export function resolvedEvent(
  { event, link }: ResolvedFrames,
  { structuredIds, retryCount }: EventPresentation,
): Buffer {
  const original = link ?? event
  return framed(
    nested(frame(), 1, (resolved) => {
      if (event) writeRecorded(resolved, 1, event, structuredIds)
      if (link) writeRecorded(resolved, 2, link, structuredIds)
      if (original) varintAlways(resolved, 3, decodeEventFrame(original).position)
      if (retryCount !== undefined) varintAlways(resolved, 5, retryCount)
    }),
  )
}

/** Bytes of the id field as {@link encodeEventFrame} writes it: first in the event, always this long. */
const TEXT_ID_FIELD_BYTES = 40

function writeRecorded(
  writer: Writer,
  field: number,
  stored: Buffer,
  structuredIds: boolean,
): void {
  const recorded = recordedEventOf(stored)
  if (!structuredIds) {
    delimited(writer, field).bytes(recorded)
    return
  }
  const id = message()
  writeStructuredUuid(id, 1, decodeEventFrame(stored).id)
  delimited(writer, field).bytes(
    Buffer.concat([id.finish(), recorded.subarray(TEXT_ID_FIELD_BYTES)]),
  )
}
