import { expect, test } from 'vitest'
import { defineEvent, downcast, DowncastError, JsonEventCodec } from '../../src/index.ts'

const opened = defineEvent<{ owner: { name: string }; since: Date }>('account.opened', {
  version: 3,
  fields: { since: 'date' },
  downcast: [
    downcast.to<{ owner: { name: string } }>(2, ({ owner, ...rest }) => ({
      ...rest,
      owner: owner.name,
    })),
    downcast.to<{ owner: string }>(1, ({ owner }) => ({ name: owner }), {
      type: 'account.created',
    }),
  ],
})
const codec = new JsonEventCodec([opened, defineEvent('account.closed', { version: 2 })])
const event = opened.create({ owner: { name: 'Ada' }, since: new Date(0) })

test('an event is written in each version its downcasters lead to, under the name it had', () => {
  expect(codec.encodeAs(event, 3)).toEqual(codec.encode(event))
  expect(codec.encodeAs(event, 2)).toEqual({
    type: 'account.opened',
    schemaVersion: 2,
    data: { owner: 'Ada', since: '1970-01-01T00:00:00.000Z' },
  })
  expect(codec.encodeAs(event, 1)).toEqual({
    type: 'account.created',
    schemaVersion: 1,
    data: { name: 'Ada' },
  })
})

test('a version without a downcaster is refused, and so is one that does not exist', () => {
  const closed = new JsonEventCodec([defineEvent('account.closed', { version: 2, class: Closed })])
  expect(() => closed.encodeAs(new Closed(), 1)).toThrow(DowncastError)
  expect(() => closed.encodeAs(new Closed(), 1)).toThrow('there is no downcaster to version 1')
  expect(() => closed.encodeAs(new Closed(), 3)).toThrow('its version is 2')
  expect(() => codec.encodeAs(event, 0)).toThrow('there is no downcaster to version 0')
})

class Closed {}

test.each([
  ['throws', () => Promise.reject.call(undefined), 'the downcaster to 1 failed'],
  ['gives no object', () => undefined as unknown as object, 'the downcaster to 1 gave no object'],
  ['gives what JSON cannot carry', () => ({ at: new Date() }), 'the downcaster to 1 failed'],
])('a downcaster that %s is refused', (_what, change, message) => {
  const one = defineEvent('a', { version: 2, class: Closed, downcast: [downcast.to(1, change)] })
  expect(() => new JsonEventCodec([one]).encodeAs(new Closed(), 1)).toThrow(message)
})
