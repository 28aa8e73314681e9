import { expect, test } from 'vitest'
import { compareValues } from '../../../src/read-model/update/compare-values.ts'

const inOrder: readonly unknown[] = [
  undefined,
  null,
  NaN,
  -Infinity,
  -1,
  0n,
  0.5,
  2n ** 53n,
  2n ** 53n + 1n,
  Infinity,
  '',
  'B',
  'a',
  '\uFFFD',
  '\u{1F600}',
  {},
  { a: 1 },
  { a: 1, b: 1 },
  { a: 2 },
  { b: 1 },
  { a: 'x' },
  [],
  [1],
  [1, 2],
  [2],
  Uint8Array.of(9),
  Uint8Array.of(1, 1),
  false,
  true,
  new Date(-1),
  new Date(1),
  /a/,
]

test('values of every type are in the order MongoDB sorts them in', () => {
  for (const [index, left] of inOrder.entries())
    for (const [other, right] of inOrder.entries())
      expect(Math.sign(compareValues(left, right)), `${index} and ${other}`).toBe(
        Math.sign(index - other),
      )
})

test('numbers of one value are the same, however they are stored', () => {
  expect(compareValues(7, 7n)).toBe(0)
  expect(compareValues(-0, 0)).toBe(0)
  expect(compareValues({ n: [1n] }, { n: [1] })).toBe(0)
})
