import { describe, expect, test } from 'vitest'
import {
  compareSchemas,
  defineEvent,
  downcast,
  type EventOptions,
  eventSchemas,
  type JsonSchema,
  upcast,
} from '../../src/index.ts'

function eventOf(options: EventOptions, type = 'opened') {
  return eventSchemas([defineEvent(type, options)])
}

/** What is wrong with changing a field's schema, backward and forward. */
function change(before: JsonSchema, after: JsonSchema): { back: boolean; forth: boolean } {
  const of = (field: JsonSchema) =>
    eventOf({ schema: { type: 'object', required: ['f'], properties: { f: field } } })
  const isFine = (mode: 'backward' | 'forward') =>
    compareSchemas(of(before), of(after), mode).length === 0
  return { back: isFine('backward'), forth: isFine('forward') }
}

describe('a field', () => {
  test.each<[string, JsonSchema, JsonSchema, { back: boolean; forth: boolean }]>([
    ['stays', { type: 'string' }, { type: 'string' }, { back: true, forth: true }],
    [
      'takes more types',
      { type: 'string' },
      { type: ['string', 'null'] },
      { back: true, forth: false },
    ],
    ['takes all numbers', { type: 'integer' }, { type: 'number' }, { back: true, forth: false }],
    ['changes its type', { type: 'string' }, { type: 'number' }, { back: false, forth: false }],
    ['has a type now', {}, { type: 'number' }, { back: false, forth: true }],
    ['has one value more', { enum: ['a'] }, { enum: ['a', 'b'] }, { back: true, forth: false }],
    ['is any text now', { enum: ['a'] }, { type: 'string' }, { back: true, forth: false }],
    [
      'has a bound',
      { type: 'number' },
      { type: 'number', minimum: 0 },
      { back: false, forth: true },
    ],
    ['has a wider bound', { maximum: 1 }, { maximum: 2 }, { back: true, forth: false }],
    ['has another pattern', { pattern: 'a' }, { pattern: 'b' }, { back: false, forth: false }],
    [
      'has an alternative more',
      { anyOf: [{ type: 'string' }] },
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      { back: true, forth: false },
    ],
    [
      'has other items',
      { type: 'array', items: { type: 'integer' } },
      { type: 'array', items: { type: 'string' } },
      { back: false, forth: false },
    ],
    [
      'has a field more that is always there',
      { type: 'object' },
      { type: 'object', properties: { a: {} }, required: ['a'] },
      { back: false, forth: true },
    ],
    [
      'loses a field where none may be undeclared',
      { type: 'object', properties: { a: {} }, additionalProperties: false },
      { type: 'object', additionalProperties: false },
      { back: false, forth: true },
    ],
  ])('that %s', (_what, before, after, expected) => {
    expect(change(before, after)).toEqual(expected)
  })
})

test('a field that is required only now is named, with its place', () => {
  const before = eventOf({ schema: { properties: { owner: { properties: {} } } } })
  const after = eventOf({ schema: { properties: { owner: { required: ['name'] } } } })
  expect(compareSchemas(before, after, 'full')).toEqual([
    {
      type: 'opened',
      direction: 'backward',
      path: 'owner.name',
      message: 'is required, but may be missing',
    },
  ])
})

describe('a raised version', () => {
  const before = eventOf({ version: 1, schema: { properties: { name: { type: 'string' } } } })
  const schema: JsonSchema = { required: ['owner'] }

  test('goes with old events by its upcasters, whatever its schema', () => {
    const after = eventOf({ version: 2, schema, upcast: [upcast.from(1, (old) => old)] })
    expect(compareSchemas(before, after, 'backward')).toEqual([])
  })

  test('without upcasters reads old events as they are', () => {
    const after = eventOf({ version: 2, schema })
    expect(compareSchemas(before, after, 'backward')).toMatchObject([{ path: 'owner' }])
  })

  test('goes with old code by its downcasters', () => {
    const after = eventOf({ version: 2, schema, downcast: [downcast.to(1, (data) => data)] })
    expect(compareSchemas(before, after, 'forward')).toEqual([])
    expect(compareSchemas(before, eventOf({ version: 2 }), 'forward')).toMatchObject([
      { message: 'is written in version 2, and has no downcaster to 1' },
    ])
  })

  test('that lost an upcaster does not go with the oldest events', () => {
    const two = eventOf({ version: 2, upcast: [upcast.from(1, (old) => old)] })
    const three = eventOf({ version: 3, upcast: [upcast.from(2, (old) => old)] })
    expect(compareSchemas(two, three, 'backward')).toMatchObject([
      { message: 'has no upcaster from version 1 any more' },
    ])
  })

  test('that is lowered again does not go with what is stored', () => {
    expect(compareSchemas(eventOf({ version: 2 }), before, 'backward')).toMatchObject([
      { message: 'is declared in version 1, but is stored in 2' },
    ])
  })
})

describe('a kind of event', () => {
  test('that is gone is missed, unless another has its name as an alias', () => {
    const before = eventOf({})
    expect(compareSchemas(before, [], 'full')).toMatchObject([
      { type: 'opened', direction: 'backward' },
    ])
    const renamed = eventOf({ aliases: ['opened'] }, 'account.opened')
    expect(compareSchemas(before, renamed, 'backward')).toEqual([])
    expect(compareSchemas(before, renamed, 'forward')).toMatchObject([
      { message: 'is written as "account.opened" in the same version' },
    ])
  })

  test('that is new goes with everything', () => {
    expect(compareSchemas([], eventOf({}), 'full')).toEqual([])
  })
})

test('an event that loses an alias is not read any more where it is stored under it', () => {
  const before = eventOf({ aliases: ['begun', 'started'] })
  expect(compareSchemas(before, eventOf({ aliases: ['begun'] }), 'full')).toEqual([
    {
      type: 'opened',
      direction: 'backward',
      path: '',
      message: 'has lost the alias "started", under which events may be stored; keep it',
    },
  ])
  const moved = [...eventOf({ aliases: ['begun'] }), ...eventOf({}, 'started')]
  expect(compareSchemas(before, moved, 'backward')).toEqual([])
  expect(compareSchemas(before, eventOf({}), 'forward')).toEqual([])
})

test('what stands beside alternatives is compared as well', () => {
  const of = (type: 'string' | 'number') =>
    eventOf({
      schema: {
        type: 'object',
        properties: { a: { type } },
        required: ['a'],
        anyOf: [{ properties: { b: { type: 'number' } }, required: ['b'] }],
      },
    })
  expect(compareSchemas(of('string'), of('string'), 'full')).toEqual([])
  expect(compareSchemas(of('string'), of('number'), 'backward')).toMatchObject([{ path: 'a' }])
})
