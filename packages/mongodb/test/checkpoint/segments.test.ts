import type { Checkpoint } from '@varve/core'
import { describe, expect, it } from 'vitest'
import { areWhole, countingSegments } from '../../src/checkpoint/segments.ts'

function segment(first: number, last: number): Checkpoint {
  return { id: `p__v1_1/${first}`, slots: { first, last }, position: 1n, epoch: 1n }
}

function counting(...ranges: readonly (readonly [number, number])[]): readonly string[] {
  const segments = countingSegments(ranges.map(([first, last]) => segment(first, last)))
  return segments.map(({ slots }) => `${slots.first}-${slots.last}`)
}

describe('the segments that count', () => {
  it('are all of them, in the order of slots', () => {
    expect(counting([512, 1023], [0, 255], [256, 511])).toEqual(['0-255', '256-511', '512-1023'])
    expect(counting()).toEqual([])
  })

  it('leave out a half that a crash left within the whole', () => {
    expect(counting([0, 1023], [512, 1023])).toEqual(['0-1023'])
    expect(counting([0, 511], [256, 511], [512, 1023])).toEqual(['0-511', '512-1023'])
  })

  it('leave out what begins within one, also where it reaches beyond its end', () => {
    const ranges = [
      [0, 255],
      [256, 639],
      [512, 1023],
      [640, 1023],
    ] as const
    expect(counting(...ranges)).toEqual(['0-255', '256-639', '640-1023'])
  })

  it('end where slots are left out', () => {
    expect(counting([0, 255], [512, 1023])).toEqual(['0-255'])
    expect(counting([512, 1023])).toEqual([])
    expect(counting([0, 511], [512, -1])).toEqual(['0-511', '512--1'])
  })

  it('leave out everything within one, however deep', () => {
    expect(counting([512, 1023], [256, 511], [128, 255], [0, 1023])).toEqual(['0-1023'])
  })
})

describe('segments', () => {
  it.each([
    ['one of all slots', [segment(0, 1023)], true],
    ['halves', [segment(0, 511), segment(512, 1023)], true],
    ['a hole between them', [segment(0, 510), segment(512, 1023)], false],
    ['the last slots left out', [segment(0, 1022)], false],
    ['the first slots left out', [segment(1, 1023)], false],
    ['slots twice', [segment(0, 512), segment(512, 1023)], false],
    ['none at all', [], false],
  ])('are whole or not: %s', (_, segments, expected) => {
    expect(areWhole(segments)).toBe(expected)
  })
})
