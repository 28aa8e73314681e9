import type { SlotRange } from '../../read-model/slots.ts'

/** A segment and the worker that holds it. */
export interface SegmentView {
  readonly slots: SlotRange
  /** Undefined: it is free. */
  readonly holder: string | undefined
}

/** How the work is shared right now, as one worker sees it. */
export interface ShareView {
  readonly me: string
  /** The living workers, in an order all of them see. */
  readonly workers: readonly string[]
  /** In the order of slots. */
  readonly segments: readonly SegmentView[]
  /** Whether segments may be split. */
  readonly isShareable: boolean
}

/** What a worker does to share the work fairly. */
export type ShareMove =
  | { readonly kind: 'claim'; readonly slots: SlotRange }
  | { readonly kind: 'split'; readonly slots: SlotRange }
  | undefined

/**
 * Decides what one worker does next, so that every worker ends with one segment and none stays free.
 *
 * Workers look at different moments and may see different things: whoever claims needs the lease, and whoever splits
 * the segment, so a move that another one overtook fails and changes nothing.
 */
export function planShare({ me, workers, segments, isShareable }: ShareView): ShareMove {
  const free = segments.filter(({ holder }) => holder === undefined)
  const idle = workers.filter((worker) => !segments.some(({ holder }) => holder === worker))
  const place = idle.indexOf(me)
  if (place >= 0) {
    const wanted = free[place]
    return wanted && { kind: 'claim', slots: wanted.slots }
  }
  // Those without work take the first ones; what is left goes to a neighbour, who merges it with his own.
  const left = free.slice(idle.length).find((one) => neighbourOf(segments, one) === me)
  if (left) return { kind: 'claim', slots: left.slots }
  const missing = idle.length - free.length
  if (missing <= 0 || !isShareable) return undefined
  const largest = segments
    .filter(({ slots, holder }) => holder !== undefined && sizeOf(slots) > 1)
    .sort((a, b) => sizeOf(b.slots) - sizeOf(a.slots) || a.slots.first - b.slots.first)
    .slice(0, missing)
    .find(({ holder }) => holder === me)
  return largest && { kind: 'split', slots: largest.slots }
}

/** The nearest holder before a segment, or else behind it. */
function neighbourOf(segments: readonly SegmentView[], segment: SegmentView): string | undefined {
  const at = segments.indexOf(segment)
  const before = segments.slice(0, at).findLast(({ holder }) => holder !== undefined)
  return (before ?? segments.slice(at).find(({ holder }) => holder !== undefined))?.holder
}

function sizeOf({ first, last }: SlotRange): number {
  return last - first + 1
}
