import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aggregateIdOf,
  categoryOf,
  checkCategory,
  InvalidStreamNameError,
  streamName,
  toStreamName,
} from '../../src/index.ts'

test('a stream is named by category and id, and the first dash separates', () => {
  const name = streamName('account', 'a-1-b')
  expect(name).toBe('account-a-1-b')
  expect(categoryOf(name)).toBe('account')
  expect(aggregateIdOf(name)).toBe('a-1-b')
})

test('every id comes back from the name', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (id) => {
      const name = streamName('account', id)
      return aggregateIdOf(name) === id && categoryOf(name) === 'account'
    }),
  )
})

test.each([
  ['', 'the category is empty'],
  ['$system', 'names with a leading "$" belong to the server'],
  ['bank-account', 'a category ends at the first "-", so it has none'],
])('the category "%s" is refused: %s', (category, reason) => {
  expect(() => checkCategory(category)).toThrow(InvalidStreamNameError)
  expect(() => streamName(category, 'a1')).toThrow(reason)
})

test('an empty id is refused', () => {
  expect(() => streamName('account', '')).toThrow(
    '"account-" cannot name a stream: the id is empty',
  )
})

test.each([undefined, null, 7])('an id that is %s is refused instead of becoming text', (id) => {
  expect(() => streamName('account', id as unknown as string)).toThrow(InvalidStreamNameError)
})

test('a name without a dash is its own category', () => {
  const name = toStreamName('audit')
  expect([categoryOf(name), aggregateIdOf(name)]).toEqual(['audit', 'audit'])
  expect(() => toStreamName('')).toThrow(InvalidStreamNameError)
})
