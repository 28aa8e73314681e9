import { describe, expect, test } from 'vitest'
import { ComparableResult } from '../../src/live-query/comparable-result.ts'

class Money {
  constructor(readonly amount: number) {}
}
class Sealed {
  readonly #amount: number
  constructor(amount: number) {
    this.#amount = amount
  }
  get amount(): number {
    return this.#amount
  }
}
class ObjectId {
  readonly _bsontype = 'ObjectId'
  readonly #hex: string
  constructor(hex: string) {
    this.#hex = hex
  }
  toJSON(): string {
    return this.#hex
  }
}

const areEqual = (one: unknown, other: unknown): boolean =>
  new ComparableResult(one).equals(new ComparableResult(other))

describe('a result', () => {
  test.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['a number', () => 5],
    ['not a number', () => NaN],
    ['a bigint', () => 5n],
    ['documents', () => [{ _id: 'a', tags: ['x'], at: new Date(5), nested: { by: null } }]],
    ['bytes', () => ({ bytes: Buffer.from('abc') })],
    ['a map and a set', () => [new Map([['a', { b: 1 }]]), new Set([1, 2])]],
    ['an instance', () => new Money(5)],
    ['a pattern', () => /a+/g],
    ['a value of the database', () => ({ id: new ObjectId('5f') })],
  ])('that is %s equals the same anew', (_what, make) => {
    expect(areEqual(make(), make())).toBe(true)
  })

  test.each<[string, unknown, unknown]>([
    ['nothing and null', undefined, null],
    ['numbers', 5, 6],
    ['a number and a bigint', 5, 5n],
    ['fields', { a: 1 }, { a: 2 }],
    ['a field that is not there', { a: 1 }, { a: 1, b: undefined }],
    ['order', [1, 2], [2, 1]],
    ['dates', new Date(5), new Date(6)],
    ['bytes', Buffer.from('abc'), Buffer.from('abd')],
    ['maps', new Map([['a', 1]]), new Map([['a', 2]])],
    ['sets', new Set([1]), new Set([2])],
    ['instances', new Money(5), new Money(6)],
    ['values of the database', new ObjectId('5f'), new ObjectId('60')],
  ])('differs by %s', (_what, one, other) => {
    expect(areEqual(one, other)).toBe(false)
  })

  test('that cannot be looked into equals nothing', () => {
    const sealed = new Sealed(5)
    const compute = (): number => 5
    expect(areEqual(sealed, sealed)).toBe(false)
    expect(areEqual({ compute }, { compute })).toBe(false)
  })

  test('is what it was when it was made', () => {
    const document = { tags: ['x'], at: new Date(5) }
    const before = new ComparableResult(document)
    document.tags.push('y')
    document.at.setTime(6)
    expect(before.equals(new ComparableResult({ tags: ['x'], at: new Date(5) }))).toBe(true)
    expect(before.equals(new ComparableResult(document))).toBe(false)
  })

  test('may hold itself', () => {
    const make = (value: number): unknown => {
      const tree: Record<string, unknown> = { value }
      tree['self'] = tree
      return tree
    }
    expect(areEqual(make(1), make(1))).toBe(true)
    expect(areEqual(make(1), make(2))).toBe(false)
  })
})
