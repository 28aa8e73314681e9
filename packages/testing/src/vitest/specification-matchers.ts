/// <reference types="vitest" preserve="true" />
import { AssertionError } from 'node:assert'
import {
  CommandOutcome,
  type ExpectedDocument,
  type ExpectedError,
  type GivenAggregate,
  type GivenEvents,
  QueryOutcome,
  SpecificationError,
} from '../index.ts'

/** The fields of a state that matter. */
export type ExpectedFields = Readonly<Record<string, unknown>>

/** What a matcher answers. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
  readonly actual?: unknown
  readonly expected?: unknown
}

/**
 * Matchers for what specifications come to, to be given to `expect.extend`. Await them: an example runs when something
 * is expected of it.
 */
export const specificationMatchers = {
  /** A command records exactly these events. */
  toRecord(received: unknown, ...events: readonly object[]): Promise<MatcherResult> {
    return matches('toRecord', () => commandOf(received).then({ events: events.flat() }))
  },

  /** A command, a projection or a query is refused. */
  toBeRefused(received: unknown, ...expected: readonly ExpectedError[]): Promise<MatcherResult> {
    return matches('toBeRefused', () => refusableOf(received).throws(...expected))
  },

  /** A command, or the given events alone, leave an aggregate in this state. */
  toLeaveState(received: unknown, state: ExpectedFields): Promise<MatcherResult> {
    return matches('toLeaveState', () => statefulOf(received).then({ state }))
  },

  /** The given events make exactly these documents. */
  toBuild(received: unknown, ...documents: readonly ExpectedDocument[]): Promise<MatcherResult> {
    return matches('toBuild', () => eventsOf(received).then(...documents))
  },

  /** A query is answered with this. */
  toBeAnsweredWith(received: unknown, answer: unknown): Promise<MatcherResult> {
    return matches('toBeAnsweredWith', () => queryOf(received).then(answer))
  },
}

async function matches(name: string, check: () => Promise<void>): Promise<MatcherResult> {
  try {
    await check()
    return { pass: true, message: () => `expected otherwise than ${name} says, but it is so` }
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error
    const { message, actual, expected } = error
    return { pass: false, message: () => message, actual, expected }
  }
}

function commandOf(received: unknown): CommandOutcome<unknown> {
  if (received instanceof CommandOutcome) return received as CommandOutcome<unknown>
  throw unfit('toRecord', 'a command: given(…).when(command)')
}

function queryOf(received: unknown): QueryOutcome<unknown> {
  if (received instanceof QueryOutcome) return received as QueryOutcome<unknown>
  throw unfit('toBeAnsweredWith', 'a query: given(…).when(query)')
}

function refusableOf(received: unknown): Pick<GivenEvents, 'throws'> {
  if (has<GivenEvents>(received, 'throws')) return received
  throw unfit('toBeRefused', 'given(…).when(…), or given(…) of a projection')
}

function statefulOf(received: unknown): Pick<GivenAggregate<unknown>, 'then'> {
  const isAggregate = has<GivenAggregate<unknown>>(received, 'when') && !('asOf' in received)
  if (isAggregate) return received
  throw unfit('toLeaveState', 'given(…) or given(…).when(command) of an aggregate')
}

function eventsOf(received: unknown): GivenEvents {
  if (has<GivenEvents>(received, 'asOf')) return received
  throw unfit('toBuild', 'given(…) of a projection')
}

function has<Kind extends object>(received: unknown, method: keyof Kind): received is Kind {
  return typeof received === 'object' && received !== null && method in received
}

function unfit(matcher: string, expected: string): SpecificationError {
  return new SpecificationError(matcher, `is about something else. It takes ${expected}.`)
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the parameter of vitest's own declaration
  interface Matchers<T> {
    /** A command records exactly these events. */
    toRecord(...events: readonly object[]): Promise<void>
    /** A command, a projection or a query is refused. */
    toBeRefused(...expected: readonly ExpectedError[]): Promise<void>
    /** A command, or the given events alone, leave an aggregate in this state. */
    toLeaveState(state: ExpectedFields): Promise<void>
    /** The given events make exactly these documents. */
    toBuild(...documents: readonly ExpectedDocument[]): Promise<void>
    /** A query is answered with this. */
    toBeAnsweredWith(answer: unknown): Promise<void>
  }
}
