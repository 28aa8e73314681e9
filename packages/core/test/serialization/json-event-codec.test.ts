import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  defineEvent,
  JsonEventCodec,
  MalformedEventError,
  type RecordedEvent,
  type StreamName,
  UndeclaredEventError,
  UnknownEventTypeError,
  upcast,
} from '../../src/index.ts'

class Booked {
  constructor(
    readonly at: Date | null,
    readonly lines: readonly { readonly cents: bigint; readonly text: string }[],
    readonly period: { readonly from?: Date } | 'open' = {},
  ) {}
}

const booked = defineEvent<Booked>('ledger.booked', {
  class: Booked,
  version: 3,
  fields: { at: 'date', 'lines[].cents': 'bigint', 'period.from': 'date' },
})
const noted = defineEvent<{ readonly text: string }>('ledger.noted')
const codec = new JsonEventCodec([booked, noted])

function recorded(type: string, data: unknown): RecordedEvent {
  return {
    id: '00000000-0000-4000-8000-000000000000',
    type,
    stream: 'ledger-a' as StreamName,
    revision: 4n,
    position: 17n,
    data,
    metadata: {},
    recordedAt: new Date(0),
  }
}

describe('encode', () => {
  test('writes type, schema version and fields', () => {
    const event = new Booked(new Date('2024-01-02T03:04:05.006Z'), [{ cents: 12n, text: 'tea' }])
    expect(codec.encode(event)).toEqual({
      type: 'ledger.booked',
      schemaVersion: 3,
      data: { at: '2024-01-02T03:04:05.006Z', lines: [{ cents: '12', text: 'tea' }], period: {} },
    })
  })

  test('knows events made without a class by their definition', () => {
    expect(codec.encode(noted.create({ text: 'x' })).type).toBe('ledger.noted')
  })

  test.each([
    ['an instance of Date', new Date()],
    ['An instance of Object', { text: 'x' }],
    ['"false"', false as unknown as object],
    ['"undefined"', undefined as unknown as object],
    ['"null"', null as unknown as object],
    ['An object of no named class', Object.create(null) as object],
  ])('refuses %s as no declared event', (found, event) => {
    expect(() => codec.encode(event)).toThrow(UndeclaredEventError)
    expect(() => codec.encode(event)).toThrow(new RegExp(found, 'i'))
  })
})

describe('decode', () => {
  test('gives back an instance of the class, equal to what was encoded', () => {
    fc.assert(
      fc.property(
        fc.option(fc.date({ noInvalidDate: true })),
        fc.array(fc.record({ cents: fc.bigInt(), text: fc.string() })),
        fc.oneof(
          fc.record({ from: fc.date({ noInvalidDate: true }) }, { requiredKeys: [] }),
          fc.constant('open' as const),
        ),
        (at, lines, period) => {
          const event = new Booked(at, lines, period)
          const data = JSON.parse(JSON.stringify(codec.encode(event).data)) as unknown
          const decoded = codec.decode(recorded('ledger.booked', data))
          expect(decoded).toBeInstanceOf(Booked)
          expect(decoded).toEqual(event)
        },
      ),
    )
  })

  test('leaves the recorded data as it is', () => {
    const data = { at: '2024-01-02T00:00:00.000Z', lines: [{ cents: '1', text: 'x' }] }
    codec.decode(recorded('ledger.booked', data))
    expect(data.lines[0]).toEqual({ cents: '1', text: 'x' })
    expect(data.at).toBe('2024-01-02T00:00:00.000Z')
  })

  test('refuses a type nobody declared and names the place', () => {
    expect(() => codec.decode(recorded('ledger.lost', {}))).toThrow(UnknownEventTypeError)
    expect(() => codec.decode(recorded('ledger.lost', {}))).toThrow(
      'Stream "ledger-a" has an event of type "ledger.lost" at revision 4',
    )
  })

  test.each([
    ['{"text":', 'expected a JSON object, found the text "{\\"text\\":"'],
    [null, 'found null'],
    [[1], 'found an array'],
    [7, 'found a number'],
    [Buffer.from([1, 2]), 'found bytes'],
  ])('refuses data that is %j', (data, message) => {
    expect(() => codec.decode(recorded('ledger.noted', data))).toThrow(MalformedEventError)
    expect(() => codec.decode(recorded('ledger.noted', data))).toThrow(message)
  })

  test.each([
    [{ at: 'yesterday' }, 'expected a date at "at", found "yesterday"'],
    [{ at: 5 }, 'expected a date at "at", found 5'],
    [
      { lines: [{ cents: '1' }, { cents: '1.5' }] },
      'expected a bigint at "lines[].cents", found "1.5"',
    ],
  ])('refuses a declared field that cannot be read: %j', (data, message) => {
    expect(() => codec.decode(recorded('ledger.booked', data))).toThrow(MalformedEventError)
    expect(() => codec.decode(recorded('ledger.booked', data))).toThrow(message)
  })

  test('takes absent and null fields as they are', () => {
    expect(codec.decode(recorded('ledger.booked', { at: null }))).toEqual({ at: null })
  })
})

describe('read', () => {
  test('takes the data of an event without a class for the event', () => {
    const data = { text: 'x' }
    expect(codec.read(recorded('ledger.noted', data))).toBe(data)
  })

  test('makes an instance where the event has a class', () => {
    const data = { at: '2024-01-02T00:00:00.000Z', lines: [], period: 'open' }
    expect(codec.read(recorded('ledger.booked', data))).toEqual(
      new Booked(new Date('2024-01-02T00:00:00.000Z'), [], 'open'),
    )
  })

  test('revives declared fields where there is no class', () => {
    const dated = defineEvent<{ on: Date }>('ledger.dated', { fields: { on: 'date' } })
    const data = { on: '2024-01-02T00:00:00.000Z' }
    const read = new JsonEventCodec([dated]).read(recorded('ledger.dated', data))
    expect(read).toEqual({ on: new Date('2024-01-02T00:00:00.000Z') })
  })

  test('brings up what an older version wrote', () => {
    const renamed = defineEvent<{ text: string }>('ledger.noted', {
      version: 2,
      upcast: [upcast.from<{ note: string }>(1, ({ note }) => ({ text: note }))],
    })
    const read = new JsonEventCodec([renamed]).read(recorded('ledger.noted', { note: 'x' }))
    expect(read).toEqual({ text: 'x' })
  })

  test.each([null, [1], 7, '{"text":'])('refuses data that is %j', (data) => {
    expect(() => codec.read(recorded('ledger.noted', data))).toThrow(MalformedEventError)
  })
})
