import { expect, test } from 'vitest'
import { within } from '../../src/contract/patience.ts'

test('says what it waited for, and for how long', async () => {
  const never = new Promise<never>(() => undefined)
  await expect(within(5, 'the end of the world', never)).rejects.toThrow(
    'Waited 5 ms for the end of the world, in vain.',
  )
})

test('passes on what came in time', async () => {
  expect(await within(1000, 'a value', Promise.resolve(1))).toBe(1)
})
