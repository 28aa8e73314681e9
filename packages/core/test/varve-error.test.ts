import { expect, test } from 'vitest'
import { isVarveError, UnknownProjectionError, VarveError } from '../src/index.ts'

const error = new UnknownProjectionError('balance', ['balances'])

test('an error is named after its class, in its stack header too', () => {
  expect(error.name).toBe('UnknownProjectionError')
  expect(error.stack).toMatch(/^UnknownProjectionError: There is no projection "balance"/)
})

test('an error has a code, its facts and a sentence that names them', () => {
  expect(error.code).toBe('UNKNOWN_PROJECTION')
  expect(error.found).toBe('balance')
  expect(error.message).toBe('There is no projection "balance"; known: balances.')
})

test('an error is told from others by its brand, also across copies of the package', () => {
  const fromAnotherCopy = { [Symbol.for('@varve/error')]: true }
  expect(error).toBeInstanceOf(VarveError)
  expect([error, fromAnotherCopy].map(isVarveError)).toEqual([true, true])
  expect([new TypeError('x'), null, 'text', undefined].map(isVarveError)).toEqual([
    false,
    false,
    false,
    false,
  ])
})
