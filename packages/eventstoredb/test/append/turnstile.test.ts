import { expect, test } from 'vitest'
import { Turnstile } from '../../src/append/turnstile.ts'

test('a turnstile lets so many through at a time, in order, and goes on after failures', async () => {
  const turnstile = new Turnstile(2)
  const log: string[] = []
  let inside = 0
  let most = 0
  const pass = (name: string, fails = false): Promise<void> =>
    turnstile.pass(async () => {
      inside += 1
      log.push(name)
      most = Math.max(most, inside)
      await Promise.resolve()
      inside -= 1
      if (fails) throw new RangeError(name)
    })
  const outcomes = await Promise.allSettled([pass('a'), pass('b', true), pass('c'), pass('d')])
  expect(log).toEqual(['a', 'b', 'c', 'd'])
  expect(most).toBe(2)
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
})
