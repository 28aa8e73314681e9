import { describe, expect, test } from 'vitest'
import { UnserializablePayloadError } from '../../src/index.ts'
import { toJson } from '../../src/serialization/to-json.ts'

class Hidden {
  readonly #secret = 1
  reveal(): number {
    return this.#secret
  }
}

function refusal(payload: object, fields = {}): UnserializablePayloadError {
  try {
    toJson('Event "order.placed"', payload, fields)
  } catch (error) {
    expect(error).toBeInstanceOf(UnserializablePayloadError)
    return error as UnserializablePayloadError
  }
  throw new TypeError('It was not refused.')
}

describe('a payload that JSON would lose or change is refused with its path', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  test.each([
    ['undefined', { a: undefined }, 'a', 'undefined'],
    ['a function', { a: { b: () => 1 } }, 'a.b', 'a function'],
    ['a symbol', { a: [Symbol('x')] }, 'a[0]', 'a symbol'],
    ['NaN', { lines: [{ price: 1 }, { price: NaN }] }, 'lines[1].price', 'NaN'],
    ['Infinity', { a: -Infinity }, 'a', '-Infinity'],
    ['an undeclared bigint', { a: { b: 5n } }, 'a.b', 'a bigint that is not declared'],
    ['an undeclared Date', { at: new Date(0) }, 'at', 'a Date that is not declared'],
    ['a Map', { a: new Map() }, 'a', 'a Map'],
    ['a Set', { a: [[new Set()]] }, 'a[0][0]', 'a Set'],
    ['bytes', { a: Uint8Array.of(1) }, 'a', 'a Uint8Array'],
    ['a buffer', { a: new ArrayBuffer(8) }, 'a', 'a ArrayBuffer'],
    ['a URL', { a: new URL('http://localhost') }, 'a', 'a URL'],
    ['an error', { a: new TypeError('x') }, 'a', 'a TypeError'],
    ['an object with private fields only', { a: new Hidden() }, 'a', 'a Hidden'],
    ['a hole in an array', { a: new Array<number>(1) }, 'a[0]', 'undefined'],
    ['a cycle', cyclic, 'self.self.self.self.self', 'nested over 200 levels deep'],
  ])('%s', (_name, payload, path, found) => {
    expect(refusal(payload)).toMatchObject({ path, found, subject: 'Event "order.placed"' })
  })

  test('the message says what to do', () => {
    expect(refusal({ lines: [{ at: new Date(0) }] }).message).toBe(
      'Event "order.placed" cannot be stored: "lines[0].at" is a Date that is not declared, which JSON cannot carry. Declare it: fields: { \'lines[].at\': \'date\' }.',
    )
    expect(refusal({ a: undefined }).message).toContain('Leave the property out, or use null.')
  })
})

describe('a declared field', () => {
  test('is written as ISO 8601 or decimal text, in nested paths and arrays', () => {
    const at = new Date('2024-02-29T12:00:00.000Z')
    const payload = { at, period: { from: at }, lines: [{ cents: -5n }], matrix: [[1n], []] }
    const fields = {
      at: 'date',
      'period.from': 'date',
      'lines[].cents': 'bigint',
      'matrix[][]': 'bigint',
    } as const
    expect(toJson('x', payload, fields)).toEqual({
      at: '2024-02-29T12:00:00.000Z',
      period: { from: '2024-02-29T12:00:00.000Z' },
      lines: [{ cents: '-5' }],
      matrix: [['1'], []],
    })
  })

  test('may be null', () => {
    expect(toJson('x', { at: null }, { at: 'date' })).toEqual({ at: null })
  })

  test.each([
    ['a number where a bigint is declared', { a: 5 }, { a: 'bigint' }, '5'],
    ['a text where a date is declared', { a: '2024-02-29' }, { a: 'date' }, '"2024-02-29"'],
    ['a date where a bigint is declared', { a: new Date(0) }, { a: 'bigint' }, 'a Date'],
    ['a bigint where a date is declared', { a: 1n }, { a: 'date' }, 'a bigint'],
    ['an object where a date is declared', { a: {} }, { a: 'date' }, 'a object'],
    ['an invalid date', { a: new Date(NaN) }, { a: 'date' }, 'an invalid Date'],
  ])('that holds %s is refused: it could never be read again', (_name, payload, fields, found) => {
    const error = refusal(payload, fields)
    expect(error.path).toBe('a')
    expect(error.found).toContain(found)
  })
})

test('a key that objects treat specially is kept', () => {
  const payload = { labels: JSON.parse('{"__proto__":"x","constructor":"y"}') as object }
  expect(JSON.stringify(toJson('x', payload, {}))).toBe(
    '{"labels":{"__proto__":"x","constructor":"y"}}',
  )
})

test('an instance of a class with public fields is stored as those', () => {
  class Money {
    constructor(readonly cents: number) {}
  }
  expect(toJson('x', { price: new Money(5), at: Object.create(null) as object }, {})).toEqual({
    price: { cents: 5 },
    at: {},
  })
})
