import { describe, expect, test } from 'vitest'
import { mergeUpdates } from '../../../src/projection/fold/merge-updates.ts'

describe('two updates of one position', () => {
  test('on different fields are put together', () => {
    expect(mergeUpdates({ $inc: { a: 1 } }, { $inc: { b: 2 }, $set: { c: 3 } })).toEqual({
      $inc: { a: 1, b: 2 },
      $set: { c: 3 },
    })
  })

  test('add up what both add, set what the second sets, and push what both push in order', () => {
    expect(mergeUpdates({ $inc: { a: 1 } }, { $inc: { a: 2 } })).toEqual({ $inc: { a: 3 } })
    expect(mergeUpdates({ $set: { a: 1 } }, { $set: { a: 2 } })).toEqual({ $set: { a: 2 } })
    expect(mergeUpdates({ $push: { a: 1 } }, { $push: { a: { $each: [2, 3] } } })).toEqual({
      $push: { a: { $each: [1, 2, 3] } },
    })
  })

  test.each([
    [{ $set: { a: 1 } }, { $inc: { a: 1 } }, '$set of "a" and $inc of "a"'],
    [{ $set: { a: {} } }, { $set: { 'a.b': 1 } }, '$set of "a" and $set of "a.b"'],
    [{ $inc: { 'a.b': 1 } }, { $unset: { a: '' } }, '$inc of "a.b" and $unset of "a"'],
    [{ $max: { a: 1 } }, { $max: { a: 2 } }, '$max of "a" twice'],
    [{ $inc: { a: 1 } }, { $inc: { a: '1' } }, '$inc of "a" twice'],
    [{ $push: { a: 1 } }, { $push: { a: { $each: [1], $slice: 2 } } }, 'a $push with modifiers'],
  ])('%j and %j are refused', (first, second, found) => {
    expect(() => mergeUpdates(first, second)).toThrow(found)
    expect(() => mergeUpdates(first, second)).toThrow('by events that share a position')
  })

  test('leave what they are made of as it was', () => {
    const first = { $inc: { a: 1 } }
    mergeUpdates(first, { $inc: { a: 2 } })
    expect(first).toEqual({ $inc: { a: 1 } })
  })
})
