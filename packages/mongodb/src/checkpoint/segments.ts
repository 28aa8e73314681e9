import { type Checkpoint, slotCount } from '@varve/core'

/**
 * The segments that count, out of all that are stored, in the order of slots.
 *
 * Without transactions, a crash while segments are split or merged leaves the larger one and, within it, a smaller
 * one: the larger one has all the documents, so the smaller one is as if not there.
 */
export function countingSegments(stored: readonly Checkpoint[]): readonly Checkpoint[] {
  const sorted = [...stored].sort(
    (a, b) => a.slots.first - b.slots.first || b.slots.last - a.slots.last,
  )
  const counting: Checkpoint[] = []
  for (const one of sorted)
    if (one.slots.last > (counting.at(-1)?.slots.last ?? -1)) counting.push(one)
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
