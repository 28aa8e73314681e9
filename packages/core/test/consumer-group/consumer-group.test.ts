import { expect, test } from 'vitest'
import {
  checkConsumerGroup,
  type ConsumerGroup,
  describeSource,
  toStreamName,
} from '../../src/index.ts'

const stream = toStreamName('account-a1')

test.each<[ConsumerGroup, string]>([
  [{ name: 'mails', stream }, 'stream "account-a1"'],
  [{ name: 'mails', category: 'account' }, 'category "account"'],
  [{ name: 'mails', types: ['opened', 'closed'] }, 'events of type "opened", "closed"'],
  [{ name: 'mails', streamPrefixes: ['acc'] }, 'streams starting with "acc"'],
  [{ name: 'mails' }, 'the whole log'],
])('a group says what it follows', (group, source) => {
  checkConsumerGroup(group)
  expect(describeSource(group)).toBe(source)
})

test.each<[ConsumerGroup, RegExp]>([
  [{ name: '', stream }, /its name is empty/],
  [{ name: 'a::b', stream }, /its name has "::"/],
  [{ name: 'a', stream, category: 'account' }, /it has "stream" and "category"; use one of them/],
  [{ name: 'a', streamPrefixes: [] }, /"streamPrefixes" is empty, so nothing would ever come/],
])('a group that no store can use is refused with the reason', (group, reason) => {
  expect(() => checkConsumerGroup(group)).toThrow(reason)
})

test('a category that cannot be one is refused', () => {
  expect(() => checkConsumerGroup({ name: 'a', category: 'account-a1' })).toThrow(
    /cannot name a stream/,
  )
})
