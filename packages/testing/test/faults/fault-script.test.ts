import { expect, test } from 'vitest'
import { faultScript, SeededRandom } from '../../src/index.ts'

test('the same seed draws the same script', () => {
  const draw = (seed: number): unknown => faultScript(new SeededRandom(seed), { steps: 20 })
  expect(draw(5)).toEqual(draw(5))
  expect(draw(5)).not.toEqual(draw(6))
})

test('a script draws from the kinds asked for and keeps its times', () => {
  const script = faultScript(new SeededRandom(5), {
    steps: 50,
    kinds: ['cut', 'delay'],
    maxPauseMs: 10,
    maxFaultMs: 20,
  })
  expect(new Set(script.map(({ fault }) => fault.kind))).toEqual(new Set(['cut', 'delay']))
  expect(script.every(({ pauseMs, lastsMs }) => pauseMs <= 10 && lastsMs <= 20)).toBe(true)
})
