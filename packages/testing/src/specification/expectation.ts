import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import { comparable } from './comparable.ts'

/** Two values that are expected to be the same. */
export interface Comparison {
  readonly actual: unknown
  readonly expected: unknown
}

/**
 * Expects two values to hold the same.
 *
 * @param subject What is compared, as the start of the sentence "… is not what was expected".
 * @throws {AssertionError} With a readable difference; every test runner shows it.
 */
export function expectSame(subject: string, found: Comparison, cause?: unknown): void {
  const actual = comparable(found.actual)
  const expected = comparable(found.expected)
  if (isDeepStrictEqual(actual, expected)) return
  const { message } = new AssertionError({ actual, expected, operator: 'deepStrictEqual' })
  const difference = message.slice(message.indexOf('\n') + 1)
  throw failure(`${subject} is not what was expected:\n${difference}`, { actual, expected }, cause)
}

/** Makes the error of a failed expectation. */
export function failure(message: string, values: Comparison, cause?: unknown): AssertionError {
  const error = new AssertionError({ message, ...values, operator: 'deepStrictEqual' })
  if (cause !== undefined) error.cause = cause
  return error
}
