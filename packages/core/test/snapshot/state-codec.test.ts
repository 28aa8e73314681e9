import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { captureState, restoreState } from '../../src/snapshot/state-codec.ts'

const scalar = fc.oneof(
  fc.string(),
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  // Node finds two invalid dates unequal; they have a test of their own.
  fc.date({ noInvalidDate: true }),
  fc.constant(null),
  fc.constant(undefined),
)
const key = fc.oneof(fc.string(), fc.constantFrom('$varve', 'value', '__proto__', 'constructor'))
const { state } = fc.letrec<{ state: unknown }>((tie) => ({
  state: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('state'), { maxLength: 4 }),
    fc.dictionary(key, tie('state'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('state'), { maxLength: 3 }).map((items) => new Set(items)),
    fc
      .array(fc.tuple(tie('state'), tie('state')), { maxLength: 3 })
      .map((entries) => new Map(entries)),
  ),
}))

function throughJson(value: unknown): unknown {
  return restoreState(JSON.parse(JSON.stringify(captureState(value))) as never)
}

test('every plain state comes back equal from JSON', () => {
  fc.assert(
    fc.property(state, (value) => {
      assert.deepStrictEqual(throughJson(value), value)
    }),
    { numRuns: 500 },
  )
})

test('an invalid date stays invalid and a hole in an array becomes undefined', () => {
  expect((throughJson({ at: new Date(NaN) }) as { at: Date }).at.getTime()).toBeNaN()
  // eslint-disable-next-line no-sparse-arrays -- the hole is the subject
  expect(throughJson({ list: [1, , 3] })).toStrictEqual({ list: [1, undefined, 3] })
})

test('a state of its own class is written by its fields', () => {
  class State {
    balance = 7n
  }
  expect(throughJson(new State())).toEqual({ balance: 7n })
})

class Money {
  amount = 1
}
test.each([
  ['an instance of another class', { price: new Money() }, '"price" is an instance of Money'],
  ['a function in a list', { lines: [{ run: () => 1 }] }, '"lines[0].run" is a function'],
  ['a symbol in a map', { by: new Map([['a', Symbol('x')]]) }, '"by{a}" is a symbol'],
])('%s is refused with its path', (_name, value, message) => {
  expect(() => captureState(value)).toThrow(`A snapshot cannot be stored: ${message}`)
})

class Purse {
  readonly owner = 'Ada'
  #cents = 1
  get cents(): number {
    return this.#cents
  }
}
class LargePurse extends Purse {}
class Bag {
  readonly cents = 1
  #twice(): number {
    return 2 * this.cents
  }
  get doubled(): number {
    return this.#twice()
  }
}

test('a state with private fields is refused, since they would be lost', () => {
  const message = 'which has #private fields'
  expect(() => captureState(new Purse())).toThrow(`the payload is an instance of Purse, ${message}`)
  expect(() => captureState(new LargePurse())).toThrow(message)
  const classes = { purse: Purse }
  expect(() => captureState({ of: new Purse() }, classes)).toThrow(
    `"of" is an instance of Purse, ${message}`,
  )
})

test('private methods hide nothing', () => {
  expect(captureState(new Bag())).toEqual({ cents: 1 })
})

test('a mark nobody knows is refused', () => {
  expect(() => restoreState({ when: { $varve: 'duration', value: 5 } })).toThrow('duration')
})
