import { describe, expect, test } from 'vitest'
import { planShare, type SegmentView } from '../../../src/projection/share/plan-share.ts'
import { allSlots, halvesOf, slotCount, type SlotRange } from '../../../src/read-model/slots.ts'

function segment(first: number, last: number, holder?: string): SegmentView {
  return { slots: { first, last }, holder }
}

/** Plays rounds of moves by all workers until nobody moves any more, as the workers themselves would. */
function settle(workers: readonly string[], found: readonly SegmentView[]): SegmentView[] {
  let segments = [...found]
  for (let round = 0; round < 100; round += 1) {
    let isMoved = false
    for (const me of workers) {
      const move = planShare({ me, workers, segments, isShareable: true })
      if (!move) continue
      isMoved = true
      segments =
        move.kind === 'claim' ? claim(segments, me, move.slots) : split(segments, me, move.slots)
      segments = merged(segments)
    }
    if (!isMoved) return segments
  }
  throw new Error('They never settle.')
}

function claim(segments: readonly SegmentView[], me: string, slots: SlotRange): SegmentView[] {
  return segments.map((one) => (one.slots === slots ? { slots, holder: me } : one))
}

function split(segments: readonly SegmentView[], me: string, slots: SlotRange): SegmentView[] {
  const [lower, upper] = halvesOf(slots)
  return segments.flatMap((one) =>
    one.slots === slots
      ? [
          { slots: lower, holder: me },
          { slots: upper, holder: undefined },
        ]
      : [one],
  )
}

function merged(segments: readonly SegmentView[]): SegmentView[] {
  const result: SegmentView[] = []
  for (const one of segments) {
    const last = result.at(-1)
    if (last?.holder !== undefined && last.holder === one.holder)
      result[result.length - 1] = segment(last.slots.first, one.slots.last, one.holder)
    else result.push(one)
  }
  return result
}

function sizes(segments: readonly SegmentView[]): number[] {
  return segments.map(({ slots }) => slots.last - slots.first + 1).sort((a, b) => b - a)
}

const whole = [segment(0, slotCount - 1)]
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

describe('one move', () => {
  test('of a worker alone is to claim all there is, and then nothing', () => {
    const view = { me: 'a', workers: ['a'], isShareable: true }
    expect(planShare({ ...view, segments: whole })).toEqual({ kind: 'claim', slots: allSlots })
    expect(planShare({ ...view, segments: [segment(0, 1023, 'a')] })).toBeUndefined()
  })

  test('of who has the largest segment is to split it for one without', () => {
    const segments = [segment(0, 255, 'a'), segment(256, 1023, 'b')]
    const view = { workers: ['a', 'b', 'c'], segments, isShareable: true }
    expect(planShare({ ...view, me: 'a' })).toBeUndefined()
    expect(planShare({ ...view, me: 'b' })).toEqual({
      kind: 'split',
      slots: { first: 256, last: 1023 },
    })
    expect(planShare({ ...view, me: 'c' })).toBeUndefined()
  })

  test('never splits what several workers cannot share, or a single slot', () => {
    const workers = ['a', 'b']
    const segments = [segment(0, 1023, 'a')]
    expect(planShare({ me: 'a', workers, segments, isShareable: false })).toBeUndefined()
    const single = [segment(0, 0, 'a')]
    expect(planShare({ me: 'a', workers, segments: single, isShareable: true })).toBeUndefined()
  })

  test('for a free segment is that of one without work, else of the neighbour before it', () => {
    const segments = [segment(0, 255, 'a'), segment(256, 511), segment(512, 1023, 'b')]
    const claimed = { kind: 'claim', slots: { first: 256, last: 511 } }
    const three = { workers: ['a', 'b', 'c'], segments, isShareable: true }
    expect(planShare({ ...three, me: 'a' })).toBeUndefined()
    expect(planShare({ ...three, me: 'c' })).toEqual(claimed)
    const two = { workers: ['a', 'b'], segments, isShareable: true }
    expect(planShare({ ...two, me: 'a' })).toEqual(claimed)
    expect(planShare({ ...two, me: 'b' })).toBeUndefined()
  })

  test('for the first segment is that of the neighbour behind it', () => {
    const segments = [segment(0, 511), segment(512, 1023, 'b')]
    expect(planShare({ me: 'b', workers: ['b'], segments, isShareable: true })).toEqual({
      kind: 'claim',
      slots: { first: 0, last: 511 },
    })
  })
})

describe('workers that come and go', () => {
  test('end with one segment each, none twice as large as needed, and all slots covered', () => {
    let segments: SegmentView[] = whole
    for (const count of [1, 2, 3, 5, 8, 7, 4, 2, 1, 6]) {
      const workers = names.slice(0, count)
      const freed = segments.map(({ slots, holder }) => ({
        slots,
        holder: holder !== undefined && workers.includes(holder) ? holder : undefined,
      }))
      segments = settle(workers, freed)
      expect(segments.map(({ holder }) => holder).sort()).toEqual(workers)
      expect(sizes(segments).reduce((sum, size) => sum + size, 0)).toBe(slotCount)
    }
  })

  test('from one to eight share evenly', () => {
    expect(sizes(settle(names, whole))).toEqual(Array.from({ length: 8 }, () => 128))
  })
})
