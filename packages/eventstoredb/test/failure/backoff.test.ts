import { expect, test } from 'vitest'
import { backoffDelay } from '../../src/failure/backoff.ts'

test('waits double up to the cap, less up to half by chance', () => {
  const backoff = { firstMs: 50, maxMs: 1000 }
  const longest = [1, 2, 3, 4, 5, 6, 99].map((retry) => backoffDelay(retry, backoff, () => 1))
  expect(longest).toEqual([50, 100, 200, 400, 800, 1000, 1000])
  expect(backoffDelay(3, backoff, () => 0)).toBe(100)
})
