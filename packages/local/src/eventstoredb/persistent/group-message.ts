import type { EventLog } from '../log/event-log.ts'
import { resolveLink } from '../streams/read-presentation.ts'
import { type DecodedEvent, decodeEventFrame } from '../wire/event-frame.ts'
import type { ResolvedFrames } from '../wire/read-responses.ts'

/** One event on its way through a group. */
export interface GroupMessage {
  /** Id consumers answer with: that of the link, or of the event. */
  readonly id: string
  /** Place in the source; undefined for a parked message that is tried again. */
  readonly cursor: number | undefined
  readonly frames: ResolvedFrames
  readonly event: DecodedEvent
  readonly retryCount: number
}

/** A message for an event as read from the source. */
export function groupMessage(
  log: EventLog,
  frame: Buffer,
  { cursor, resolveLinks }: { cursor: number | undefined; resolveLinks: boolean },
): GroupMessage {
  const frames = resolveLinks ? resolveLink(log, frame) : { event: frame, link: undefined }
  return {
    id: decodeEventFrame(frame).id,
    cursor,
    frames,
    event: decodeEventFrame(frames.event ?? frame),
    retryCount: 0,
  }
}

/** Puts a message among those to be tried again, before the ones that come later in the source. */
export function insertInOrder(queue: GroupMessage[], message: GroupMessage): void {
  const place = message.cursor ?? Infinity
  let index = queue.length
  while (index > 0 && (queue[index - 1]?.cursor ?? Infinity) > place) index -= 1
  queue.splice(index, 0, message)
}
