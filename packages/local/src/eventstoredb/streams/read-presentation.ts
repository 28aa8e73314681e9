import type { EventLog } from '../log/event-log.ts'
import { firstReadable } from '../log/retention.ts'
import { isTombstoned } from '../log/stream-states.ts'
import { decodeEventFrame } from '../wire/event-frame.ts'
import { type ResolvedFrames, resolvedEvent } from '../wire/read-responses.ts'

/** How a client wants its events. */
export interface PresentationOptions {
  readonly resolveLinks: boolean
  readonly structuredIds: boolean
}

/** Turns stored frames into what a client asked for: mostly the frames themselves. */
export class ReadPresentation {
  constructor(
    private readonly log: EventLog,
    private readonly options: PresentationOptions,
  ) {}

  /** The frames to send for stored frames. */
  present(frames: readonly Buffer[]): readonly Buffer[] {
    const { resolveLinks, structuredIds } = this.options
    if (!resolveLinks && !structuredIds) return frames
    return frames.map((frame) => this.#presentOne(frame))
  }

  #presentOne(frame: Buffer): Buffer {
    const { resolveLinks, structuredIds } = this.options
    const resolved = resolveLinks ? resolveLink(this.log, frame) : { event: frame, link: undefined }
    if (!structuredIds && !resolved.link) return frame
    return resolvedEvent(resolved, { structuredIds })
  }
}

/** Looks up what a link event (`$>`, data `revision@stream`) points to; other events stay as they are. */
export function resolveLink(log: EventLog, frame: Buffer): ResolvedFrames {
  const link = decodeEventFrame(frame)
  if (link.type !== '$>') return { event: frame, link: undefined }
  const target = /^(\d+)@([^]+)$/.exec(Buffer.from(link.data).toString('utf8'))
  const [, revision, stream] = target ?? []
  return { event: readable(log, stream ?? '', Number(revision)), link: frame }
}

function readable(log: EventLog, stream: string, revision: number): Buffer | undefined {
  const state = log.streams.get(stream)
  if (isTombstoned(state) || !(revision >= firstReadable(state.retention, state.last))) {
    return undefined
  }
  const frame = log.streams.frameAt(state, revision)
  if (!frame || state.retention.maxAgeMs === Infinity) return frame
  const oldest = Date.now() - state.retention.maxAgeMs
  return decodeEventFrame(frame).created >= oldest ? frame : undefined
}
