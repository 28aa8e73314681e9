import { expectSame } from './expectation.ts'

/**
 * A state that is expected: the fields that matter, or a function that looks at it and throws where it is wrong.
 * Fields that are not named are not looked at.
 */
export type ExpectedState<State> =
  | ((state: State) => void | Promise<void>)
  | ({ readonly [Field in keyof State]?: unknown } & Readonly<Record<string, unknown>>)

/** Expects a state to be as described. */
export async function expectState<State>(
  subject: string,
  state: State,
  expected: ExpectedState<State>,
): Promise<void> {
  if (typeof expected === 'function') return expected(state)
  // A state may be a number or a text, which has no fields.
  if (!isObject(expected) || !isObject(state)) {
    expectSame(`The state after ${subject}`, { actual: state, expected })
    return
  }
  const fields = state as Readonly<Record<string, unknown>>
  const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, fields[name]]))
  expectSame(`The state after ${subject}`, { actual, expected })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
