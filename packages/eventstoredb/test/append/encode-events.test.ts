import { type EventToAppend, toStreamName } from '@varve/core'
import { describe, expect, test } from 'vitest'
import { encodeEvents } from '../../src/append/encode-events.ts'

const stream = toStreamName('account-1')
const good: EventToAppend = {
  id: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
  type: 'opened',
  data: { owner: 'Ü' },
  metadata: {},
}
const withData = (data: unknown): EventToAppend => ({
  ...good,
  data: data as EventToAppend['data'],
})

describe('an event', () => {
  test('is text before the client sees it', () => {
    const [encoded] = encodeEvents(stream, [good])
    expect(encoded?.id).toBe('6f9619ff-8b86-d011-b42d-00c04fc964ff')
    expect(new TextDecoder().decode(encoded?.data)).toBe('{"owner":"Ü"}')
    expect(encoded?.metadata).toBeUndefined()
  })

  test('is labelled as JSON and handed over as bytes, however often it is sent', () => {
    const [encoded] = encodeEvents(stream, [good])
    const once = [encoded?.contentType, encoded?.contentType]
    expect(once).toEqual(['application/json', 'application/octet-stream'])
    expect([encoded?.contentType, encoded?.contentType]).toEqual(once)
  })

  test.each([
    ['a bigint', withData({ lines: [{ price: 1n }] }), /"lines\[0\].price" is a bigint/],
    ['no payload', withData(undefined), /the payload is undefined/],
    ['a function', withData(() => 1), /the payload is a function/],
    ['an id that is no UUID', { ...good, id: '7' }, /the event id "7" is no UUID/],
    ['no type', { ...good, type: '' }, /an event has an empty type/],
    ['metadata JSON cannot carry', { ...good, metadata: { big: 1n } }, /"big" is a bigint/],
  ])('is refused with %s', (_, bad, reason) => {
    expect(() => encodeEvents(stream, [bad])).toThrow(reason)
  })

  test('is refused with a cycle', () => {
    const data: Record<string, unknown> = { name: 'a' }
    data['self'] = data
    expect(() => encodeEvents(stream, [withData(data)])).toThrow(/"self" is a cycle/)
  })
})

test('a batch without events, or for no stream, is refused', () => {
  expect(() => encodeEvents(stream, [])).toThrow(/it has no events/)
  expect(() => encodeEvents('' as typeof stream, [good])).toThrow(/name of the stream is empty/)
})
