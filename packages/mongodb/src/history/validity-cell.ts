import type { Document } from 'mongodb'
import { openDate, openPosition } from './history-collection.ts'

/*
 * Intervals are found by a B-tree where each is filed under one of few names that a point can list: the line is cut
 * into cells of 1, 32, 32², … and each interval is filed under the smallest one that holds all of it. Whatever is
 * valid at a point is in one of the cells around it, of which there are 14, and a cell holds at most 31 intervals of
 * a document, as each of them crosses a border within it.
 */

const positionDigits = 13
const dateDigits = 11
const lastDate = openDate.getTime()

/** Where versions are that are valid still. */
export const openCell = '+'

/** The cell of a version that is valid for positions in `[from, to)`. */
export function positionCell(from: bigint, to: bigint): string {
  if (to === openPosition) return openCell
  return sharedStart(positionText(from), positionText(to > from ? to - 1n : from))
}

/** The cell of a version that is valid for dates in `[from, to)`. */
export function dateCell(from: Date, to: Date): string {
  const [first, last] = [from.getTime(), to.getTime() - 1]
  if (to.getTime() === lastDate) return openCell
  return sharedStart(dateText(first), dateText(Math.max(first, last)))
}

/** The cells around a position. */
export function cellsAround(position: bigint): readonly string[] {
  return withCells(positionText(position))
}

/** The cells around a date. */
export function cellsAroundDate(date: Date): readonly string[] {
  return withCells(dateText(date.getTime()))
}

/** Works out on the server in which cell a version ends up that ends at a date. */
export function endedDateCell(to: Date): Document {
  const last = to.getTime() - 1
  const text = dateText(last)
  const branches = Array.from({ length: dateDigits + 1 }, (_, missing) => {
    const start = (steps(last) >> BigInt(5 * missing)) << BigInt(5 * missing)
    return {
      case: { $gte: ['$fromAt', new Date(Number(start) - lastDate)] },
      then: text.slice(0, dateDigits - missing),
    }
  })
  return { $switch: { branches, default: '' } }
}

function positionText(position: bigint): string {
  return position.toString(32).padStart(positionDigits, '0')
}

function dateText(time: number): string {
  return steps(time).toString(32).padStart(dateDigits, '0')
}

/** Milliseconds since the first date JavaScript has: over 53 bits in the end. */
function steps(time: number): bigint {
  return BigInt(time) + BigInt(lastDate)
}

function sharedStart(one: string, other: string): string {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return one.slice(0, length)
}

function withCells(text: string): readonly string[] {
  return [
    openCell,
    ...Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length)),
  ]
}
