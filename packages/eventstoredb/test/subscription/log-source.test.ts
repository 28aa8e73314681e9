import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/read/delivery.ts'
import { HeadWatch } from '../../src/subscription/head-watch.ts'
import { LogSource } from '../../src/subscription/log-source.ts'

function delivery(position: bigint, type = 'a'): Delivery {
  const event = { id: 'x', streamId: 's-1', type, revision: 0n, data: {}, created: new Date(0) }
  return { event: { ...event, position: { commit: position, prepare: position } } }
}

describe('the position of a subscription', () => {
  const source = (after?: bigint): LogSource =>
    new LogSource({ types: ['a'], ...(after !== undefined && { after }) }, new HeadWatch())

  test('moves with events and checkpoints, and never back', () => {
    const log = source(10n)
    expect(log.accept(delivery(20n))?.position).toBe(20n)
    expect([log.advance(30n), log.advance(30n), log.advance(25n)]).toEqual([true, false, false])
    expect(log.position).toBe(30n)
  })

  test('does not believe in positions that are none', () => {
    const log = source(10n)
    expect([log.advance(2n ** 64n - 1n), log.advance(2n ** 63n)]).toEqual([false, false])
    expect(log.position).toBe(10n)
  })

  test('does not lose an event that a checkpoint ran ahead of', () => {
    const log = source()
    log.advance(50n)
    expect(log.accept(delivery(40n))?.position).toBe(40n)
    expect(log.position).toBe(50n)
  })

  test('yields an event once', () => {
    const log = source()
    expect(log.accept(delivery(40n))).toBeDefined()
    expect(log.accept(delivery(40n))).toBeUndefined()
  })

  test('moves past events nobody asked for', () => {
    const log = source()
    expect(log.accept(delivery(40n, 'other'))).toBeUndefined()
    expect(log.position).toBe(40n)
  })
})
