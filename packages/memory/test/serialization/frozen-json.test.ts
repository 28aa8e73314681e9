import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frozenJson } from '../../src/serialization/frozen-json.ts'

const copy = (value: unknown): unknown => frozenJson(value, { characters: 0 })

describe('a frozen copy', () => {
  test('equals what JSON makes of any value', () => {
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true }),
        (value) => {
          expect(copy(value)).toStrictEqual(throughJson(value))
        },
      ),
    )
  })

  test('drops what JSON drops', () => {
    expect(
      copy({ a: undefined, b: () => 1, c: Symbol('c'), d: [undefined], e: Number.NaN }),
    ).toEqual({
      d: [null],
      e: null,
    })
  })

  test('is frozen at every depth', () => {
    const frozen = copy({ lines: [{ price: 1 }] }) as { lines: { price: number }[] }
    expect(() => (frozen.lines[0]!.price = 2)).toThrow(TypeError)
    expect(() => frozen.lines.push({ price: 3 })).toThrow(TypeError)
  })

  test('keeps a key named __proto__ a key', () => {
    const frozen = copy(JSON.parse('{"__proto__": {"polluted": true}}')) as object
    expect(Object.keys(frozen)).toEqual(['__proto__'])
    expect('polluted' in frozen).toBe(false)
  })

  test('refuses a bigint and a cycle', () => {
    const cycle: Record<string, unknown> = {}
    cycle['itself'] = cycle
    expect(() => copy({ amount: 1n })).toThrow(TypeError)
    expect(() => copy(cycle)).toThrow(RangeError)
  })
})

function throughJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : JSON.parse(text)
}
