import { defineReadModel, type ReadModelDocument, UpdateRefusedError } from '@varve/core'
import { describe, expect, test } from 'vitest'
import { applyUpdate } from '../../../src/read-model/update/apply-update.ts'

const accounts = defineReadModel('accounts')
const now = new Date('2026-03-01')

function updated(before: object | undefined, update: object): ReadModelDocument {
  const document = before && { _id: 'a1', ...before }
  const one = { model: accounts, id: 'a1', update: update as never, position: 1n }
  return applyUpdate(one, document, now)
}

describe('numbers', () => {
  test.each([
    [{ n: 2 ** 31 - 1 }, { $inc: { n: 1 } }, 2n ** 31n],
    [{ n: -(2 ** 31) }, { $inc: { n: -1 } }, -(2n ** 31n) - 1n],
    [{ n: 65_536 }, { $mul: { n: 65_536 } }, 2n ** 32n],
    [{ n: 2 ** 40 }, { $inc: { n: 1 } }, 2 ** 40 + 1],
    [{ n: 2n ** 40n }, { $inc: { n: 0.5 } }, 2 ** 40 + 0.5],
    [{ n: 7n }, { $mul: { n: 3n } }, 21n],
    [{ n: 7n }, { $inc: { n: 1 } }, 8n],
    [{ n: 1.5 }, { $mul: { n: 2n } }, 3],
  ])('%o becomes, by %o, as wide as MongoDB makes it', (before, update, after) => {
    expect(updated(before, update)).toEqual({ _id: 'a1', n: after })
  })

  test.each([
    [{ $inc: { n: 1n } }, '"n" would be over 64 bits after $inc'],
    [{ $mul: { n: 2 } }, '"n" would be over 64 bits after $mul'],
    [{ $inc: { n: '1' } }, '$inc of "n" is not by a number'],
    [{ $bit: { n: {} } }, '$bit of "n" names none of and, or, xor'],
    [{ $bit: { n: { not: 1 } } }, '$bit of "n" is not and, or, xor by an integer'],
    [{ $bit: { n: { or: 1.5 } } }, '$bit of "n" is not and, or, xor by an integer'],
  ])('are refused by %o', (update, reason) => {
    expect(() => updated({ n: 2n ** 63n - 1n }, update)).toThrow(
      `An update of document "a1" of read model "accounts" cannot be applied: ${reason}.`,
    )
  })

  test('that are fractions have no bits', () => {
    expect(() => updated({ n: 1.5 }, { $bit: { n: { or: 1 } } })).toThrow(
      '"n" is no integer, so $bit cannot change it',
    )
  })
})

describe('the current date', () => {
  test('is the time of the store', () => {
    const update = { $currentDate: { a: true, b: { $type: 'date' } } }
    expect(updated(undefined, update)).toEqual({ _id: 'a1', a: now, b: now })
  })

  test('is no timestamp of the server', () => {
    expect(() => updated({}, { $currentDate: { a: { $type: 'timestamp' } } })).toThrow(
      UpdateRefusedError,
    )
  })

  test('is not shared between documents', () => {
    const first = updated(undefined, { $currentDate: { at: true } }) as unknown as { at: Date }
    first.at.setTime(0)
    expect(updated(undefined, { $currentDate: { at: true } })).toEqual({ _id: 'a1', at: now })
  })
})

describe('a path', () => {
  test('fills an array up with null, but not without end', () => {
    expect(updated({ list: [1] }, { $set: { 'list.3': 4 } })).toEqual({
      _id: 'a1',
      list: [1, null, null, 4],
    })
    expect(() => updated({ list: [1] }, { $set: { 'list.2000000': 1 } })).toThrow(
      'element 2000000 is more than 1500000 behind the last one',
    )
  })

  test.each([
    [{ list: [1] }, { $set: { 'list.first': 1 } }, '"first" names no element of an array'],
    [{ list: [1] }, { $set: { 'list.01': 1 } }, '"01" names no element of an array'],
    [{ date: now }, { $set: { 'date.year': 1 } }, '"date" is no object'],
    [{ bytes: Uint8Array.of(1) }, { $set: { 'bytes.0': 1 } }, '"bytes" is no object'],
    [{ a: { b: 1 } }, { $inc: { 'a.b.c': 1 } }, '"a.b" is no object'],
    [{ n: 1 }, { $inc: { 'n.$[]': 1 } }, 'names the elements of something that is no array'],
  ])('of %o that %o cannot go says where it ends', (before, update, reason) => {
    expect(() => updated(before, update)).toThrow(reason)
  })

  test('through names every object inherits makes own fields', () => {
    const document = updated({}, { $set: { 'constructor.name': 1, toString: 2 } })
    expect(Object.entries(document)).toEqual([
      ['_id', 'a1'],
      ['constructor', { name: 1 }],
      ['toString', 2],
    ])
    expect({}.constructor.name).toBe('Object')
  })

  test('names the elements of arrays within arrays', () => {
    const grid = { grid: [[1, 2], [], [3]] }
    expect(updated(grid, { $inc: { 'grid.$[].$[]': 10 } })).toEqual({
      _id: 'a1',
      grid: [[11, 12], [], [13]],
    })
  })

  test('is not renamed through an array', () => {
    expect(() => updated({ list: [{ a: 1 }] }, { $rename: { 'list.0.a': 'b' } })).toThrow(
      '$rename of "list.0.a" to "b" runs through an array',
    )
  })
})

describe('an array', () => {
  test.each([
    [{ $push: { list: { $each: 1 } } }, '$each of "list" is no array'],
    [{ $push: { list: { $each: [], $limit: 1 } } }, '$push of "list" has the clause "$limit"'],
    [
      { $push: { list: { $each: [], $slice: 0.5 } } },
      '$position or $slice of "list" is no integer',
    ],
    [{ $push: { list: { $each: [], $sort: 2 } } }, '$sort of "list" is neither 1, -1 nor'],
    [{ $push: { list: { $each: [], $sort: { n: 2 } } } }, '$sort of "list" is neither 1, -1 nor'],
    [{ $addToSet: { list: { $each: 1 } } }, '$each of "list" is no array'],
    [{ $pop: { list: 2 } }, '$pop of "list" is neither 1 nor -1'],
    [{ $pullAll: { list: 1 } }, '$pullAll of "list" is no array'],
  ])('is not changed by %o', (update, reason) => {
    expect(() => updated({ list: [] }, update)).toThrow(reason)
  })

  test('loses what a pattern matches', () => {
    expect(updated({ list: ['ab', 'ba', 1] }, { $pull: { list: /^a/ } })).toEqual({
      _id: 'a1',
      list: ['ba', 1],
    })
  })

  test('loses objects of the same fields, whatever else they have', () => {
    const list = [{ n: 1, deep: { a: 1 } }, { n: 1 }, { n: 2n }]
    expect(updated({ list }, { $pull: { list: { n: { $gte: 2 } } } })).toEqual({
      _id: 'a1',
      list: [{ n: 1, deep: { a: 1 } }, { n: 1 }],
    })
    expect(updated({ list }, { $pullAll: { list: [{ n: 1 }] } })).toEqual({
      _id: 'a1',
      list: [{ n: 1, deep: { a: 1 } }, { n: 2n }],
    })
  })

  test('holds dates, bytes and numbers of one value once', () => {
    const list = [new Date(1), Uint8Array.of(1, 2), 3, NaN]
    const $each = [new Date(1), Uint8Array.of(1, 2), 3n, NaN, new Date(2), Uint8Array.of(1)]
    expect(updated({ list }, { $addToSet: { list: { $each } } })).toEqual({
      _id: 'a1',
      list: [...list, new Date(2), Uint8Array.of(1)],
    })
  })
})
