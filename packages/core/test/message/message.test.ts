import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  defineCommand,
  defineEvent,
  defineReadModel,
  InvalidMessageError,
  uncheckedMessages,
} from '../../src/index.ts'
import { eventIdOf } from '../../src/message/message-ids.ts'

describe('an event', () => {
  class Opened {
    readonly kind = 'from the constructor'
    constructor(readonly owner: string) {}
  }

  test('has version 1 and no declared fields unless it says so', () => {
    expect(defineEvent('a.b')).toMatchObject({ type: 'a.b', version: 1, fields: {} })
    expect(defineEvent('a.b', { version: 2, fields: { at: 'date' } })).toMatchObject({
      version: 2,
      fields: { at: 'date' },
    })
  })

  test('is made from its data without calling the constructor of its class', () => {
    const event = defineEvent<Opened>('a.b', { class: Opened }).create({ owner: 'Ada' } as Opened)
    expect(event).toBeInstanceOf(Opened)
    expect(Object.keys(event)).toEqual(['owner'])
  })
})

test('event ids are the same for the same command and place, and differ for all others', () => {
  const ids = [eventIdOf('c1', 0), eventIdOf('c1', 1), eventIdOf('c11', 0), eventIdOf('c1/0', 0)]
  expect(new Set(ids).size).toBe(4)
  expect(eventIdOf('c1', 0)).toBe('ff26bd3f-bea6-5b68-a34b-af77f1a67985')
})

test('event ids are UUIDs of version 5, whatever the length and the script of what they are made of', () => {
  const namespace = Buffer.from('7c1d3f0e5a8b4e5d9f6a2b1c0d9e8f70', 'hex')
  const id = fc.string({ unit: 'binary', maxLength: 300 })
  fc.assert(
    fc.property(id, fc.nat(), (commandId, index) => {
      const bytes = createHash('sha1')
        .update(namespace)
        .update(`${commandId}/${index}`)
        .digest()
        .subarray(0, 16)
      bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
      bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
      const expected = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
      expect(eventIdOf(commandId, index)).toBe(expected)
    }),
  )
})

test('a command without a class has none, and a read model no history or index', () => {
  expect(defineCommand('a.do', { aggregateId: () => 'x' })).not.toHaveProperty('class')
  expect(defineReadModel('things')).toEqual({
    kind: 'read-model',
    name: 'things',
    indexes: [],
    history: false,
  })
})

describe('messages without rules', () => {
  class Rename {
    declare readonly name: string
  }
  const target = { type: 'person.rename', class: Rename }

  test('become instances of their class with the properties of the payload', async () => {
    const message = await uncheckedMessages.validate(target, { name: 'Ada' })
    expect(message).toBeInstanceOf(Rename)
    expect(message).toEqual({ name: 'Ada' })
  })

  test.each([null, undefined, 7, 'text', [1]])('must be objects, which %j is not', (payload) => {
    expect(() => uncheckedMessages.validate(target, payload)).toThrow(InvalidMessageError)
    expect(() => uncheckedMessages.validate(target, payload)).toThrow(
      '(message): must be an object',
    )
  })
})
