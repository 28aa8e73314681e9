import { describe, expect, it } from 'vitest'
import { openDate, openPosition } from '../../src/history/history-collection.ts'
import {
  cellsAround,
  cellsAroundDate,
  dateCell,
  openCell,
  positionCell,
} from '../../src/history/validity-cell.ts'

describe('the cell of a validity', () => {
  it('is one of those around every position at which it holds, the borders included', () => {
    const borders = [0n, 1n, 31n, 32n, 33n, 1_023n, 1_024n, 40_000n, 2n ** 40n, 2n ** 62n]
    for (const from of borders)
      for (const to of borders)
        for (const position of [from, to - 1n, (from + to) / 2n])
          if (from <= position && position < to)
            expect(cellsAround(position)).toContain(positionCell(from, to))
  })

  it('is the smallest one that holds it', () => {
    expect(positionCell(5n, 6n)).toBe('0000000000005')
    expect(positionCell(32n, 64n)).toBe('000000000001')
    expect(positionCell(31n, 33n)).toBe('00000000000')
  })

  it('is one of those around every date at which it holds', () => {
    const dates = [-8.64e15, -1, 0, 1, 31, 1_767_225_600_000, 1_767_225_600_001, 8.64e15 - 1].map(
      (time) => new Date(time),
    )
    for (const from of dates)
      for (const to of dates)
        for (const date of dates)
          if (from <= date && date < to) expect(cellsAroundDate(date)).toContain(dateCell(from, to))
  })

  it('is a cell of its own while it has no end', () => {
    expect(positionCell(5n, openPosition)).toBe(openCell)
    expect(dateCell(new Date(5), openDate)).toBe(openCell)
    expect(cellsAround(7n)).toContain(openCell)
    expect(cellsAroundDate(new Date(7))).toContain(openCell)
  })
})
