import { ConcurrencyError } from '../aggregate/aggregate-errors.ts'
import type { WrongExpectedRevisionError } from '../event-store/expected-revision.ts'

/** Says that other writers were first in every try. */
export function conflictLost(
  commandType: string,
  tries: number,
  cause: WrongExpectedRevisionError,
): ConcurrencyError {
  const expected = typeof cause.expected === 'bigint' ? cause.expected : undefined
  return new ConcurrencyError(cause.stream, commandType, tries, expected, cause.actual, { cause })
}
