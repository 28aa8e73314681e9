import { describe, expect, test } from 'vitest'
import {
  decodeAll,
  defineEvent,
  JsonEventCodec,
  MalformedEventError,
  NewerEventVersionError,
  NotOneEventError,
  UnknownEventTypeError,
  upcast,
  UpcastError,
  type Upcaster,
} from '../../src/index.ts'
import { stored } from './stored.ts'

/** Reads one stored event with the latest definition of `account.opened`. */
function read(version: number, upcasters: readonly Upcaster[], from: number, json: string) {
  const codec = new JsonEventCodec([
    defineEvent('account.opened', { version, upcast: upcasters, fields: { since: 'date' } }),
    defineEvent('account.deposited', {
      version: 2,
      upcast: [upcast.from(1, ({ amount }) => ({ cents: Number(amount) * 100 }))],
    }),
  ])
  return decodeAll(codec, stored('account.opened', from, json))
}

describe('an upcaster', () => {
  test('renames a field', () => {
    const rename = upcast.from<{ name: string }>(1, ({ name, ...rest }) => ({
      ...rest,
      owner: name,
    }))
    expect(read(2, [rename], 1, '{"name":"Ada","branch":7}')).toEqual([{ owner: 'Ada', branch: 7 }])
  })

  test('adds a field, from what stands beside the event', () => {
    const add = upcast.from(1, (old, { recordedAt, aggregateId, metadata, type, version }) => ({
      ...old,
      since: recordedAt.toISOString(),
      origin: `${aggregateId} ${type} ${version} ${metadata.actor}`,
    }))
    const codec = new JsonEventCodec([
      defineEvent('account.opened', { version: 2, upcast: [add], fields: { since: 'date' } }),
    ])
    const old = stored('account.opened', 1, '{"owner":"Ada"}', { actor: 'clerk' })
    expect(codec.decode(old)).toEqual({
      owner: 'Ada',
      since: new Date('2021-05-06T07:08:09.000Z'),
      origin: 'a1 account.opened 1 clerk',
    })
  })

  test('leaves events out', () => {
    expect(read(2, [upcast.drop(1)], 1, '{"owner":"Ada"}')).toEqual([])
  })

  test('leaves out only the events it is said to', () => {
    const tests = upcast.drop<{ owner: string }>(1, ({ owner }) => owner === 'test')
    expect(read(2, [tests], 1, '{"owner":"test"}')).toEqual([])
    expect(read(2, [tests], 1, '{"owner":"Ada"}')).toEqual([{ owner: 'Ada' }])
  })

  test('splits one event into several, which go on from the versions they are given in', () => {
    const split = upcast.split<{ owner: string; deposit: number }>(
      1,
      ['account.opened', 'account.deposited'],
      ({ owner, deposit }) => [
        { type: 'account.opened', version: 2, data: { owner } },
        { type: 'account.deposited', version: 1, data: { amount: deposit } },
      ],
    )
    expect(read(2, [split], 1, '{"owner":"Ada","deposit":3}')).toEqual([
      { owner: 'Ada' },
      { cents: 300 },
    ])
  })

  test('makes an event of another type of one', () => {
    const move = upcast.split<{ amount: number }>(1, ['account.deposited'], ({ amount }) => [
      { type: 'account.deposited', version: 1, data: { amount } },
    ])
    expect(read(2, [move], 1, '{"amount":5}')).toEqual([{ cents: 500 }])
  })

  test('is one step of a chain, which starts at the version that is stored', () => {
    const step = (from: number) =>
      upcast.from<{ steps: number[] }>(from, ({ steps }) => ({ steps: [...steps, from] }))
    const chain = [step(2), step(1), step(3)]
    expect(read(4, chain, 1, '{"steps":[]}')).toEqual([{ steps: [1, 2, 3] }])
    expect(read(4, chain, 3, '{"steps":[]}')).toEqual([{ steps: [3] }])
    expect(read(4, chain, 4, '{"steps":[]}')).toEqual([{ steps: [] }])
  })

  test('may change what it is given: what is recorded stays as it is', () => {
    const event = stored('account.opened', 1, '{"lines":[1,2]}')
    const codec = new JsonEventCodec([
      defineEvent('account.opened', {
        version: 2,
        upcast: [
          upcast.from<{ lines: number[] }>(1, (old) => {
            old.lines.push(3)
            return old
          }),
        ],
      }),
    ])
    expect(codec.decode(event)).toEqual({ lines: [1, 2, 3] })
    expect(codec.decode(event)).toEqual({ lines: [1, 2, 3] })
  })

  test('that throws is named, with the event and the version', () => {
    const failing = upcast.from(1, () => {
      throw new RangeError('no owner')
    })
    const reading = () => read(2, [failing], 1, '{}')
    expect(reading).toThrow(UpcastError)
    expect(reading).toThrow(
      'Event "account.opened" in stream "account-a1" at revision 4 could not be brought up from version 1: no owner',
    )
  })

  test.each([
    [
      'no object',
      upcast.from(1, () => 'x' as unknown as object),
      'the data of an event, an object',
    ],
    ['a promise', upcast.from(1, () => Promise.resolve({})), 'the data of an event, an object'],
    ['no list', upcast.split(1, [], () => undefined as unknown as []), 'did not give a list'],
    [
      'its own version again',
      upcast.split(1, [], (data) => [{ type: 'account.opened', version: 1, data }]),
      'gave version 1 of the same type',
    ],
    ['nothing in a list', upcast.split(1, [], () => [null as never]), 'the data of an event'],
    [
      'an event without its version',
      upcast.split(1, ['account.deposited'], () => [
        { type: 'account.deposited', data: {} } as never,
      ]),
      'gave "account.deposited" in version undefined: expected a whole number from 1',
    ],
    [
      'an event its list does not name',
      upcast.split(1, [], (data) => [{ type: 'account.deposited', version: 1, data }]),
      'made "account.deposited", which is not in the list',
    ],
  ])('that gives %s is refused', (_what, upcaster, message) => {
    expect(() => read(2, [upcaster], 1, '{}')).toThrow(message)
  })

  test('that makes an event nobody declared is refused', () => {
    const lost = upcast.split(1, ['account.lost'], (data) => [
      { type: 'account.lost', version: 1, data },
    ])
    expect(() => read(2, [lost], 1, '{}')).toThrow(UnknownEventTypeError)
  })

  test('that never comes to an end is refused', () => {
    const events = [
      ['a', 'b'],
      ['b', 'a'],
    ].map(([type, other]) =>
      defineEvent(type!, {
        version: 2,
        upcast: [upcast.split(1, [other!], (data) => [{ type: other!, version: 1, data }])],
      }),
    )
    const codec = new JsonEventCodec(events)
    expect(() => codec.upcast(stored('a', 1, '{}'))).toThrow('it took over 1000 steps')
  })

  test('does not see data that is no object', () => {
    expect(() => read(2, [upcast.from(1, (old) => old)], 1, '[1]')).toThrow(MalformedEventError)
  })
})

describe('a version', () => {
  test('that is newer than the latest known is refused with both', () => {
    const reading = () => read(2, [upcast.from(1, (old) => old)], 3, '{}')
    expect(reading).toThrow(NewerEventVersionError)
    expect(reading).toThrow('is stored in version 3, but version 2 is the latest')
  })

  test('that is older is read as it is where no event of the type has an upcaster', () => {
    expect(read(3, [], 1, '{"owner":"Ada"}')).toEqual([{ owner: 'Ada' }])
  })

  test('that is no whole number is refused', () => {
    const codec = new JsonEventCodec([defineEvent('account.opened')])
    const event = { ...stored('account.opened', 1, '{}'), metadata: { schemaVersion: 'new' } }
    expect(() => codec.decode(event as never)).toThrow(
      'a whole number from 1 as its schema version',
    )
  })
})

describe('a name an event had', () => {
  const opened = defineEvent('account.opened', {
    version: 2,
    aliases: ['account.created', 'konto.eröffnet'],
    upcast: [upcast.from<{ name: string }>(1, ({ name }) => ({ owner: name }))],
  })
  const codec = new JsonEventCodec([opened])

  test('is read as the event, from the version it was stored in', () => {
    expect(codec.decode(stored('account.created', 1, '{"name":"Ada"}'))).toEqual({ owner: 'Ada' })
    expect(codec.decode(stored('konto.eröffnet', 2, '{"owner":"Ada"}'))).toEqual({ owner: 'Ada' })
  })

  test('is refused in a newer version, too', () => {
    expect(() => codec.decode(stored('account.created', 3, '{}'))).toThrow(NewerEventVersionError)
  })

  test('leads to its definition', () => {
    expect(codec.definition('account.created')).toBe(opened)
    expect(codec.definition('account.lost')).toBeUndefined()
  })
})

describe('what is asked of a log', () => {
  const codec = new JsonEventCodec([
    defineEvent('transfer', {
      version: 2,
      aliases: ['move'],
      upcast: [upcast.split(1, ['booking', 'account.deposited'], () => [])],
    }),
    defineEvent('booking', {
      version: 2,
      upcast: [upcast.split(1, ['account.withdrawn'], () => [])],
    }),
    defineEvent('account.deposited', { aliases: ['deposit'] }),
    defineEvent('account.withdrawn'),
  ])

  test('is every name under which the events may be stored, over several steps', () => {
    expect(codec.storedTypesOf(['account.deposited']).toSorted()).toEqual([
      'account.deposited',
      'deposit',
      'move',
      'transfer',
    ])
    expect(codec.storedTypesOf(['account.withdrawn']).toSorted()).toEqual([
      'account.withdrawn',
      'booking',
      'move',
      'transfer',
    ])
  })

  test('leads back to what a stored event may stand for', () => {
    expect(codec.typesMadeOf('move').toSorted()).toEqual([
      'account.deposited',
      'account.withdrawn',
      'booking',
      'transfer',
    ])
    expect(codec.typesMadeOf('deposit')).toEqual(['account.deposited'])
  })
})

test('decoding one event where there are several now is refused, with what to do', () => {
  const codec = new JsonEventCodec([
    defineEvent('account.opened', { version: 2, upcast: [upcast.drop(1)] }),
  ])
  const decoding = () => codec.decode(stored('account.opened', 1, '{}'))
  expect(decoding).toThrow(NotOneEventError)
  expect(decoding).toThrow('stands for 0 events now')
})
