import { describe, expect, test } from 'vitest'
import { Turns } from '../../src/aggregate/turns.ts'

const turns = ({ mostWaiting = 10, mostWaitMs = 60_000 } = {}): Turns =>
  new Turns(
    { mostWaiting, mostWaitMs },
    ({ subject, waiting, waitedMs }) =>
      new RangeError(`${subject} has ${waiting} waiting, for ${waitedMs} ms`),
  )

/** Takes a turn, works, and ends it. */
async function take<Result>(line: Turns, subject: string, work: () => Promise<Result>) {
  await line.begin(subject)
  try {
    return await work()
  } finally {
    line.end(subject)
  }
}

describe('work on one subject', () => {
  test('is done one at a time, first come first served', async () => {
    const log: string[] = []
    const line = turns()
    await Promise.all(
      [1, 2, 3].map((one) =>
        take(line, 'a', async () => {
          log.push(`begin ${one}`)
          await Promise.resolve()
          log.push(`end ${one}`)
        }),
      ),
    )
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3'])
  })

  test('goes on after work that failed', async () => {
    const line = turns()
    const failing = take(line, 'a', () => Promise.reject(new TypeError('broken')))
    const next = take(line, 'a', () => Promise.resolve('done'))
    await expect(failing).rejects.toThrow('broken')
    expect(await next).toBe('done')
    expect(line.waiting('a')).toBe(0)
  })

  test('is refused where too much waits, and taken again afterwards', async () => {
    const line = turns({ mostWaiting: 1 })
    const done = [
      take(line, 'a', () => Promise.resolve(1)),
      take(line, 'a', () => Promise.resolve(2)),
    ]
    await expect(take(line, 'a', () => Promise.resolve(3))).rejects.toThrow('a has 1 waiting')
    expect(await Promise.all(done)).toEqual([1, 2])
    expect(await take(line, 'a', () => Promise.resolve(4))).toBe(4)
  })
})

test('work that waits behind what never ends is refused, and the rest of the line goes on', async () => {
  const line = turns({ mostWaitMs: 20 })
  let release = (): void => undefined
  const held = take(line, 'a', () => new Promise<void>((resolve) => (release = resolve)))
  await expect(take(line, 'a', () => Promise.resolve('never'))).rejects.toThrow(
    'a has 1 waiting, for 20 ms',
  )
  const next = take(line, 'a', () => Promise.resolve('next'))
  release()
  await held
  expect(await next).toBe('next')
  expect(line.waiting('a')).toBe(0)
})

test('work on another subject does not wait', async () => {
  const line = turns()
  let release = (): void => undefined
  const held = take(line, 'a', () => new Promise<void>((resolve) => (release = resolve)))
  expect(await take(line, 'b', () => Promise.resolve('b'))).toBe('b')
  release()
  await held
})
