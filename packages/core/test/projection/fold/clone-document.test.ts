import { expect, test } from 'vitest'
import { cloneDocument } from '../../../src/projection/fold/clone-document.ts'

class Money {
  constructor(public cents: bigint) {}
}
const objectId = { _bsontype: 'ObjectId', id: 'x' }
Object.setPrototypeOf(objectId, Money.prototype)

test('a copy is equal and shares nothing that can change', () => {
  const document = {
    _id: 'a1',
    at: new Date(5),
    lines: [{ money: new Money(7n), key: Uint8Array.of(1) }],
    by: new Map([['a', { count: 1 }]]),
    labels: JSON.parse('{"__proto__":"x"}') as object,
    nothing: null,
  }
  const copy = cloneDocument(document)
  document.at.setTime(0)
  document.lines[0]!.money.cents = 0n
  document.lines[0]!.key[0] = 0
  document.by.get('a')!.count = 0
  expect(copy).toEqual({
    _id: 'a1',
    at: new Date(5),
    lines: [{ money: { cents: 7n }, key: Uint8Array.of(1) }],
    by: new Map([['a', { count: 1 }]]),
    labels: JSON.parse('{"__proto__":"x"}') as object,
    nothing: null,
  })
})

test('values of the driver are kept as they are', () => {
  expect(cloneDocument({ ref: objectId }).ref).toBe(objectId)
})
