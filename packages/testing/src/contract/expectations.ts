import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isVarveError, type VarveError } from '@varve/core'

/** Expects a promise to reject with a Varve error of one code, and returns the error. */
export async function rejection(promise: Promise<unknown>, code: string): Promise<VarveError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(outcome !== undefined, `expected a rejection with ${code}, but the call succeeded`)
  assert.ok(isVarveError(outcome), `expected a Varve error with ${code}, found ${inspect(outcome)}`)
  assert.equal(outcome.code, code, `expected code ${code}: ${outcome.message}`)
  return outcome
}

/** Splits what several calls came to into values and errors. */
export async function outcomes<T>(
  calls: readonly Promise<T>[],
): Promise<{ readonly values: readonly T[]; readonly errors: readonly unknown[] }> {
  const settled = await Promise.allSettled(calls)
  return {
    values: settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    errors: settled.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    ),
  }
}

/** Expects every error to be a Varve error of one code. */
export function assertCodes(errors: readonly unknown[], code: string): void {
  for (const error of errors) {
    const found = isVarveError(error) ? error.code : String(error)
    assert.equal(found, code)
  }
}
