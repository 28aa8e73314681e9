import { describe, expect, it } from 'vitest'
import { PageSize } from '../../src/eventstoredb/log/page-size.ts'
import { RecentEventIds } from '../../src/eventstoredb/log/recent-event-ids.ts'
import {
  firstReadable,
  KEEP_ALL,
  retentionFrom,
  SOFT_DELETED,
} from '../../src/eventstoredb/log/retention.ts'
import type { DecodedEvent } from '../../src/eventstoredb/wire/event-frame.ts'

describe('the recent event ids', () => {
  it('are known in their own stream only', () => {
    const recent = new RecentEventIds()
    recent.add('id', { stream: 'a', revision: 4 })
    expect(recent.revisionIn('a', 'id')).toBe(4)
    expect(recent.revisionIn('b', 'id')).toBeUndefined()
  })

  it('keep the first place of an id', () => {
    const recent = new RecentEventIds()
    recent.add('id', { stream: 'a', revision: 4 })
    recent.add('id', { stream: 'a', revision: 5 })
    expect(recent.revisionIn('a', 'id')).toBe(4)
  })

  it('forget the oldest after 8 MiB as EventStoreDB counts them', () => {
    const recent = new RecentEventIds()
    // 28 bytes and two per letter of the stream name: 100 each.
    const stream = 'x'.repeat(36)
    for (let n = 0; n < 83_887; n += 1) recent.add(`id-${n}`, { stream, revision: n })
    expect(recent.revisionIn(stream, 'id-0')).toBeUndefined()
    expect(recent.revisionIn(stream, 'id-2')).toBe(2)
  })
})

describe('retention', () => {
  const metadata = (json: string, isJson = true) =>
    retentionFrom({ isJson, data: Buffer.from(json) } as unknown as DecodedEvent)

  it('reads the three rules', () => {
    expect(metadata('{"$tb":3,"$maxCount":2,"$maxAge":60,"other":1}')).toEqual({
      truncateBefore: 3,
      maxCount: 2,
      maxAgeMs: 60_000,
    })
  })

  it('keeps everything when the metadata makes no sense', () => {
    for (const json of ['', '[]', 'null', '{"$tb":"3","$maxCount":-1}']) {
      expect(metadata(json)).toEqual(KEEP_ALL)
    }
    expect(metadata('{"$tb":3}', false)).toEqual(KEEP_ALL)
  })

  it('takes the largest truncation for a deletion', () => {
    expect(metadata('{"$tb":9223372036854775807}').truncateBefore).toBe(SOFT_DELETED)
  })

  it('goes by the stricter of count and truncation', () => {
    const rules = { ...KEEP_ALL, truncateBefore: 3, maxCount: 2 }
    expect(firstReadable(rules, 3)).toBe(3)
    expect(firstReadable(rules, 9)).toBe(8)
    expect(firstReadable(KEEP_ALL, 9)).toBe(0)
  })
})

describe('the page size', () => {
  it('grows on small events and shrinks to one on huge ones', () => {
    const size = new PageSize()
    expect(size.next(Infinity)).toBe(32)
    size.learn(32, 3_200)
    expect(size.next(Infinity)).toBe(128)
    expect(size.next(5)).toBe(5)
    size.learn(128, 128_000_000)
    expect(size.next(Infinity)).toBe(1)
  })
})
