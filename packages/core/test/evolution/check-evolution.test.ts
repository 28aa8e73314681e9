import { expect, test } from 'vitest'
import {
  buildModel,
  type ConfigurationError,
  type Definition,
  defineEvent,
  downcast,
  upcast,
} from '../../src/index.ts'

function mistakesOf(...definitions: readonly Definition[]): readonly string[] {
  try {
    buildModel(definitions)
    return []
  } catch (error) {
    return (error as ConfigurationError).mistakes
  }
}

const same = (version: number) => upcast.from(version, (old) => old)

test('a version without an upcaster between others is a mistake', () => {
  const event = defineEvent('a', { version: 4, upcast: [same(1), same(3), same(3)] })
  expect(mistakesOf(event)).toEqual([
    'Event "a" has no upcaster from version 2: give each version before 4 one.',
    'Event "a" has 2 upcasters from version 3: give each version before 4 one.',
  ])
})

test('an upcaster from the version that is declared, or a later one, is a mistake', () => {
  expect(mistakesOf(defineEvent('a', { upcast: [same(1)] }))).toEqual([
    'Event "a" has an upcaster from version 1, but its version is 1: expected one before that.',
  ])
})

test('an upcaster into an event nobody declared is a mistake', () => {
  const event = defineEvent('a', { version: 2, upcast: [upcast.split(1, ['b'], () => [])] })
  expect(mistakesOf(event)).toEqual([
    'The upcaster of "a" from version 1 makes "b", which is no declared event. List it in definitions.',
  ])
  expect(mistakesOf(event, defineEvent('b'))).toEqual([])
})

test('an alias that is the name of another event is a mistake', () => {
  const events = [
    defineEvent('a', { aliases: ['b', 'old'] }),
    defineEvent('b'),
    defineEvent('c', { aliases: ['old'] }),
  ]
  expect(mistakesOf(...events)).toEqual([
    'Event "a" has the alias "b", which belongs to event "b". A stored name stands for one event.',
    'Event "c" has the alias "old", which belongs to event "a". A stored name stands for one event.',
  ])
})

test('downcasters with a gap are a mistake', () => {
  const event = defineEvent('a', { version: 4, downcast: [downcast.to(1, (data) => data)] })
  expect(mistakesOf(event)).toEqual([
    'Event "a" of version 4 has downcasters to 1: expected 3 and so on downwards, without a gap.',
  ])
})
