import { type Checkpoint, slotCount } from '@varve/core'

/**
 * The segments that count, out of all that are stored, in the order of slots: that of the first slot, the one that
 * begins behind its last slot, and so on. They end where none does.
 *
 * Without transactions, a crash while segments are split or merged leaves the larger one and, beginning within it,
 * another one: the larger one has all the documents, so the other is as if not there.
 */
export function countingSegments(stored: readonly Checkpoint[]): readonly Checkpoint[] {
  const byFirst = new Map(stored.map((one) => [one.slots.first, one]))
  const counting: Checkpoint[] = []
  for (let next = byFirst.get(0); next; next = byFirst.get(next.slots.last + 1)) {
    counting.push(next)
    // Each once, whatever somebody wrote there by hand.
    byFirst.delete(next.slots.first)
  }
  return counting
}

/** Tells whether segments cover every slot once. Read while others split or merge, they may not. */
export function areWhole(segments: readonly Checkpoint[]): boolean {
  let next = 0
  for (const { slots } of segments) {
    if (slots.first !== next) return false
    next = slots.last + 1
  }
  return next === slotCount
}
