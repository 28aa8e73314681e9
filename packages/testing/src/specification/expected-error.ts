import { inspect } from 'node:util'
import { comparable } from './comparable.ts'
import { expectSame, failure } from './expectation.ts'

/**
 * An error that is expected: its class, what its message has, or some of its fields, such as `{ code: 'X' }`.
 */
export type ExpectedError =
  (abstract new (...args: never[]) => Error) | RegExp | Readonly<Record<string, unknown>>

/** Tells whether a function is a class of errors. */
export function isErrorClass(value: unknown): value is abstract new (...args: never[]) => Error {
  if (typeof value !== 'function') return false
  const { prototype } = value as { readonly prototype?: unknown }
  return prototype instanceof Error || value === Error
}

/**
 * Expects an error to be as described in every way.
 *
 * @param subject Who should have thrown it.
 */
export function expectError(
  subject: string,
  error: unknown,
  expected: readonly ExpectedError[],
): void {
  for (const one of expected) {
    if (isErrorClass(one)) {
      if (error instanceof one) continue
      throw failure(
        `${subject} threw ${nameOf(error)}, but ${one.name} was expected.`,
        { actual: nameOf(error), expected: one.name },
        error,
      )
    }
    if (one instanceof RegExp) expectMessage(subject, error, one)
    else expectSame(`What ${subject} threw`, { actual: fieldsOf(error, one), expected: one }, error)
  }
}

function expectMessage(subject: string, error: unknown, expected: RegExp): void {
  const message = error instanceof Error ? error.message : String(error)
  if (new RegExp(expected.source, expected.flags.replace(/[gy]/g, '')).test(message)) return
  throw failure(
    `${subject} threw "${message}", but a message that matches ${String(expected)} was expected.`,
    { actual: message, expected },
    error,
  )
}

function fieldsOf(error: unknown, wanted: object): unknown {
  if (typeof error !== 'object' || error === null) return error
  return Object.fromEntries(
    Object.keys(wanted).map((key) => [key, comparable((error as Record<string, unknown>)[key])]),
  )
}

/** Names an error for people. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error)
}
