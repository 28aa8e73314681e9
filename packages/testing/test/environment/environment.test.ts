import { describe, expect, test } from 'vitest'
import { SeededRandom, SequentialIds, VirtualClock } from '../../src/index.ts'

describe('seeded random numbers', () => {
  test('come again with the same seed', () => {
    const draw = (seed: number): number[] => {
      const random = new SeededRandom(seed)
      return Array.from({ length: 5 }, () => random.integer(1, 1000))
    }
    expect(draw(42)).toEqual(draw(42))
    expect(draw(42)).not.toEqual(draw(43))
  })

  test('spread evenly over their range, bounds included', () => {
    const random = new SeededRandom(1)
    const counts = [0, 0, 0, 0]
    for (let n = 0; n < 40_000; n++) counts[random.integer(0, 3)]! += 1
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400)
  })

  test('shuffle without losing anything', () => {
    const shuffled = new SeededRandom(7).shuffle([1, 2, 3, 4, 5])
    expect(shuffled).not.toEqual([1, 2, 3, 4, 5])
    expect(shuffled.toSorted()).toEqual([1, 2, 3, 4, 5])
  })

  test('tell their seed, also one nobody chose', () => {
    expect(String(new SeededRandom(42))).toBe('seed 42')
    const random = new SeededRandom()
    expect(new SeededRandom(random.seed).next()).toBe(random.next())
  })
})

describe('the virtual clock', () => {
  test('stands still until it is moved', () => {
    const clock = new VirtualClock()
    expect(clock.now()).toEqual(new Date('2024-01-01T00:00:00Z'))
    clock.advance(1500)
    expect(clock.now()).toEqual(new Date('2024-01-01T00:00:01.500Z'))
    clock.moveTo(new Date('2023-06-01'))
    expect(clock.now()).toEqual(new Date('2023-06-01'))
  })

  test('is not moved through a date it gave', () => {
    const clock = new VirtualClock()
    clock.now().setFullYear(1999)
    expect(clock.now().getUTCFullYear()).toBe(2024)
  })
})

describe('sequential ids', () => {
  test('are valid UUIDs that count', () => {
    const ids = new SequentialIds()
    expect([ids.next(), ids.next()]).toEqual([
      '00000000-0000-4000-8000-000000000001',
      '00000000-0000-4000-8000-000000000002',
    ])
  })
})
