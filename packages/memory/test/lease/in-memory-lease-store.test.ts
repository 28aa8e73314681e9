import { describe, expect, test } from 'vitest'
import { InMemoryLeaseStore } from '../../src/index.ts'

describe('an expired lease', () => {
  test('cannot be renewed, also when nobody took it', async () => {
    let now = 0
    const store = new InMemoryLeaseStore({ clock: { now: () => new Date(now) } })
    const lease = await store.acquire('slot-1', 'a', 1000)
    now = 1000
    expect(await store.renew(lease!, 1000)).toBe(false)
  })
})
