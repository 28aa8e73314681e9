import { describe, expect, it } from 'vitest'
import type { LoggedFrame } from '../../src/eventstoredb/log/log-pages.ts'
import { CheckpointSchedule } from '../../src/eventstoredb/streams/checkpoint-schedule.ts'
import { checkpointReached } from '../../src/eventstoredb/wire/read-responses.ts'

const filter = {
  on: 'event-type',
  regex: '',
  prefixes: ['x'],
  maxSearchWindow: 2,
  checkpointMultiplier: 2,
} as const

const logged = (sequence: number): LoggedFrame => ({ sequence, frame: Buffer.from(`${sequence}`) })
const checkpoint = (sequence: number): string => checkpointReached(sequence * 256).toString('hex')

describe('the checkpoint schedule', () => {
  const interleaved = (
    schedule: CheckpointSchedule,
    sequences: number[],
    seen: number,
  ): string[] => {
    const events = sequences.map(logged)
    const frames = events.map((event) => event.frame)
    return schedule
      .interleave(events, frames, seen)
      .map((frame) => (frame.length < 3 ? frame.toString() : frame.toString('hex')))
  }

  it('puts a checkpoint after every window, behind the event it covers', () => {
    const schedule = new CheckpointSchedule(filter, 10)
    expect(interleaved(schedule, [11, 14, 15], 17)).toEqual(['11', '14', checkpoint(14), '15'])
    expect(interleaved(schedule, [], 23)).toEqual([checkpoint(18), checkpoint(22)])
  })

  it('tells where a subscription goes live, but not twice the same', () => {
    const schedule = new CheckpointSchedule(filter, 10)
    expect(schedule.atTransition(10)).toBeUndefined()
    expect(schedule.atTransition(12)?.toString('hex')).toBe(checkpoint(12))
    expect(schedule.atTransition(12)).toBeUndefined()
  })

  it('refuses an interval of nothing', () => {
    expect(() => new CheckpointSchedule({ ...filter, checkpointMultiplier: 0 }, 0)).toThrow(
      /interval/,
    )
  })
})
