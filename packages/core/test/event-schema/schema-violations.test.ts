import { describe, expect, test } from 'vitest'
import {
  ConfigurationError,
  defineEvent,
  eventSchemas,
  EventSchemaError,
  type JsonSchema,
  JsonEventCodec,
  type JsonValue,
  schemaViolations,
} from '../../src/index.ts'

describe('a rule of a schema', () => {
  test.each<[JsonSchema, JsonValue, JsonValue, string]>([
    [{ type: 'string' }, 'a', 1, 'must be string, but is 1'],
    [{ type: ['string', 'null'] }, null, {}, 'must be string or null, but is an object'],
    [{ type: 'object' }, {}, [], 'must be object, but is an array'],
    [{ type: 'array' }, [], null, 'must be array, but is null'],
    [{ type: 'integer' }, 2, 2.5, 'must be integer, but is 2.5'],
    [{ type: 'boolean' }, false, 0, 'must be boolean, but is 0'],
    [{ enum: ['a', { b: 1, c: [2] }] }, { c: [2], b: 1 }, 'b', 'must be one of'],
    [{ const: null }, null, 0, 'must be null'],
    [{ minimum: 1 }, 1, 0, 'must be 1 or more'],
    [{ maximum: 1 }, 1, 2, 'must be 1 or less'],
    [{ exclusiveMinimum: 1 }, 2, 1, 'must be over 1'],
    [{ exclusiveMaximum: 1 }, 0, 1, 'must be under 1'],
    [{ minLength: 2 }, 'ab', '🙂', 'must have 2 characters or more'],
    [{ maxLength: 1 }, '🙂', 'ab', 'must have 1 characters or less'],
    [{ pattern: '^a' }, 'ab', 'ba', 'must match ^a'],
    [{ format: 'date-time' }, '2024-01-02T03:04:05Z', '2024-13-02T03:04:05Z', 'ISO 8601'],
    [{ minItems: 1 }, [1], [], 'must have 1 items or more'],
    [{ maxItems: 1 }, [1], [1, 2], 'must have 1 items or less'],
    [{ anyOf: [{ type: 'string' }, { minimum: 3 }] }, 3, 2, 'one of the alternatives'],
  ])('%j takes %j and refuses %j', (schema, good, bad, message) => {
    expect(schemaViolations(schema, good)).toEqual([])
    expect(schemaViolations(schema, bad)[0]?.message).toContain(message)
  })

  test('is named with the path of what breaks it', () => {
    const schema: JsonSchema = {
      type: 'object',
      required: ['owner', 'lines'],
      additionalProperties: false,
      properties: {
        lines: { items: { required: ['cents'], properties: { cents: { type: 'integer' } } } },
      },
    }
    expect(
      schemaViolations(schema, { lines: [{ cents: 1 }, { cents: 'x' }, {}], more: 1 }),
    ).toEqual([
      { path: 'owner', rule: 'required', message: 'is missing' },
      { path: 'lines[1].cents', rule: 'type', message: 'must be integer, but is "x"' },
      { path: 'lines[2].cents', rule: 'required', message: 'is missing' },
      { path: 'more', rule: 'additionalProperties', message: 'is not declared' },
    ])
  })
})

describe('the schema of an event', () => {
  test('is the one that is given, with its dates and bigints', () => {
    const booked = defineEvent('booked', {
      version: 2,
      aliases: ['posted'],
      fields: { at: 'date', 'lines[].cents': 'bigint' },
      schema: { type: 'object', required: ['at'], properties: { text: { type: 'string' } } },
    })
    expect(eventSchemas([booked])).toEqual([
      {
        type: 'booked',
        version: 2,
        aliases: ['posted'],
        reads: [],
        writes: [],
        schema: {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          title: 'booked',
          type: 'object',
          required: ['at'],
          properties: {
            text: { type: 'string' },
            at: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
            lines: {
              items: {
                properties: {
                  cents: { anyOf: [{ type: 'string', pattern: '^-?\\d+$' }, { type: 'null' }] },
                },
              },
            },
          },
        },
      },
    ])
  })

  test('is made of its class where nothing is given', () => {
    class Opened {}
    const opened = defineEvent('opened', { class: Opened })
    const [made] = eventSchemas([opened], (eventClass) =>
      eventClass === Opened ? { type: 'object', required: ['owner'] } : undefined,
    )
    expect(made?.schema).toMatchObject({ required: ['owner'] })
  })

  test('with a keyword that would go unchecked is refused', () => {
    const schema = { properties: { a: { items: { oneOf: [] } } }, not: {} } as JsonSchema
    const making = () => eventSchemas([defineEvent('a', { schema })])
    expect(making).toThrow(ConfigurationError)
    expect(making).toThrow('event "a" has "not"')
    expect(making).toThrow('event "a" has "a[]: oneOf"')
  })
})

describe('an event that is checked', () => {
  const opened = defineEvent('opened', {
    schema: { type: 'object', required: ['owner'], properties: { owner: { type: 'string' } } },
  })
  const codec = new JsonEventCodec([opened], { check: eventSchemas([opened]) })

  test('is encoded where it is as its schema says', () => {
    expect(codec.encode(opened.create({ owner: 'Ada' }))).toMatchObject({ data: { owner: 'Ada' } })
  })

  test('is refused where it is not, with every rule it breaks', () => {
    const encoding = () => codec.encode(opened.create({ owner: 1 }))
    expect(encoding).toThrow(EventSchemaError)
    expect(encoding).toThrow(
      'Event "opened" of version 1 is not as its schema says:\n  - owner: must be string, but is 1',
    )
  })
})
