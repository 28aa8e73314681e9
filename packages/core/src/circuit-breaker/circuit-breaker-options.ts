import type { Clock } from '../environment/clock.ts'

/** `closed`: calls get through. `open`: none does. `half-open`: a few do, and decide which of the two comes next. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** A change of a circuit's state. */
export interface CircuitStateChange {
  readonly circuit: string
  readonly from: CircuitState
  readonly to: CircuitState
  /** The failure that opened it, where that is the change. */
  readonly cause?: unknown
}

/** How a circuit breaker behaves. */
export interface CircuitBreakerOptions {
  /** What it stands in front of, for messages. */
  readonly name: string
  /** How many failures within `windowMs` open it. Successes in between do not take any back. Default 5. */
  readonly failures?: number
  /** How long a failure counts, in milliseconds. Default 60,000. */
  readonly windowMs?: number
  /** How long it stays open at first, in milliseconds; twice as long after each try that fails. Default 1,000. */
  readonly openMs?: number
  /** The longest it stays open, in milliseconds. Default 60,000. */
  readonly maxOpenMs?: number
  /** How many calls are let through when it is half open; all of them must succeed to close it. Default 1. */
  readonly halfOpenTries?: number
  /**
   * Which errors count. Default: all. Leave out what says nothing about the health of the other side, such as
   * a request it rightly refuses; it then counts as a success.
   */
  readonly isFailure?: (error: unknown) => boolean
  /** Hears of each change of state. Must not throw. */
  readonly onStateChange?: (change: CircuitStateChange) => void
  readonly clock?: Clock
}

/** What is known of a circuit. */
export interface CircuitStatus {
  readonly name: string
  readonly state: CircuitState
  /** When it came into that state. */
  readonly since: Date
  /** Open only: when a call is let through again. */
  readonly until: Date | undefined
  /** Failures that count now. */
  readonly failures: number
  /** The last failure that counted. */
  readonly lastError: unknown
}
