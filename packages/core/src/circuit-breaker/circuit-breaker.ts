import { type Clock, systemClock } from '../environment/clock.ts'
import type {
  CircuitBreakerOptions,
  CircuitState,
  CircuitStateChange,
  CircuitStatus,
} from './circuit-breaker-options.ts'
import { CircuitOpenError } from './circuit-open-error.ts'

/**
 * Stops calling what keeps failing, and finds out when it works again.
 *
 * Closed, it counts failures. Open, it refuses calls at once. Half open, it lets a few through: if all succeed it
 * closes, if one fails it opens for twice as long. One that never ends holds it half open for `openMs`; then others
 * are let through. One instance stands for one thing that can fail, and is shared by everything that calls it.
 */
export class CircuitBreaker {
  readonly name: string
  readonly #options: Required<Omit<CircuitBreakerOptions, 'onStateChange' | 'clock'>>
  readonly #onStateChange: ((change: CircuitStateChange) => void) | undefined
  readonly #clock: Clock
  #state: CircuitState = 'closed'
  #since: Date
  /** When it was last closed; trying whether it works does not change that. */
  #openedAt: Date
  #failedAt: number[] = []
  #lastError: unknown
  #openMs: number
  /** Open: when a call is let through. Half open: when others are, if those under way have not ended. */
  #until = 0
  /** Calls let through since it became half open, and those of them that succeeded. */
  #tried = 0
  #succeeded = 0
  /** Grows with each change, so that calls which began before it do not count after it. */
  #era = 0

  constructor(options: CircuitBreakerOptions) {
    this.name = options.name
    this.#options = {
      name: options.name,
      failures: options.failures ?? 5,
      windowMs: options.windowMs ?? 60_000,
      openMs: options.openMs ?? 1_000,
      maxOpenMs: options.maxOpenMs ?? 60_000,
      halfOpenTries: options.halfOpenTries ?? 1,
      isFailure: options.isFailure ?? (() => true),
    }
    this.#onStateChange = options.onStateChange
    this.#clock = options.clock ?? systemClock
    this.#openMs = this.#options.openMs
    this.#since = this.#openedAt = this.#clock.now()
  }

  get status(): CircuitStatus {
    this.#forgetOldFailures()
    return {
      name: this.name,
      state: this.#state,
      since: this.#since,
      until: this.#state === 'open' ? new Date(this.#until) : undefined,
      failures: this.#failedAt.length,
      lastError: this.#lastError,
    }
  }

  /** How long until a call is let through, in milliseconds; 0 where one would be now. */
  get waitMs(): number {
    if (this.#state === 'closed' || (this.#state === 'half-open' && !this.#isFull())) return 0
    return Math.max(0, this.#until - this.#now())
  }

  /**
   * Makes a call, unless the circuit is open.
   *
   * @returns What the call returned.
   * @throws {CircuitOpenError} It is open: the call was not made.
   * @throws What the call threw.
   */
  async run<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    this.#letThrough()
    const era = this.#era
    try {
      const result = await work()
      this.#succeed(era)
      return result
    } catch (error) {
      if (this.#options.isFailure(error)) this.#fail(era, error)
      else this.#succeed(era)
      throw error
    }
  }

  #letThrough(): void {
    if (this.#state === 'closed') return
    const now = this.#now()
    if (now >= this.#until && (this.#state === 'open' || this.#isFull())) this.#halfOpen(now)
    if (this.#state === 'open' || this.#isFull())
      throw new CircuitOpenError(this.name, this.#openedAt, new Date(this.#until), {
        cause: this.#lastError,
      })
    this.#tried += 1
  }

  #isFull(): boolean {
    return this.#tried >= this.#options.halfOpenTries
  }

  #succeed(era: number): void {
    if (this.#state !== 'half-open' || era !== this.#era) return
    this.#succeeded += 1
    if (this.#succeeded < this.#options.halfOpenTries) return
    this.#failedAt = []
    this.#openMs = this.#options.openMs
    this.#become('closed')
  }

  #fail(era: number, error: unknown): void {
    if (era !== this.#era) return
    this.#lastError = error
    const now = this.#now()
    if (this.#state === 'half-open') {
      this.#openMs = Math.min(2 * this.#openMs, this.#options.maxOpenMs)
      this.#open(now)
      return
    }
    this.#failedAt.push(now)
    this.#forgetOldFailures()
    if (this.#failedAt.length >= this.#options.failures) this.#open(now)
  }

  #open(now: number): void {
    this.#until = now + this.#openMs
    this.#become('open')
  }

  #halfOpen(now: number): void {
    this.#until = now + this.#openMs
    this.#tried = 0
    this.#succeeded = 0
    this.#become('half-open')
  }

  #become(to: CircuitState): void {
    this.#era += 1
    const from = this.#state
    if (from === to) return
    this.#state = to
    this.#since = this.#clock.now()
    if (from === 'closed') this.#openedAt = this.#since
    const cause = to === 'open' ? { cause: this.#lastError } : {}
    this.#onStateChange?.({ circuit: this.name, from, to, ...cause })
  }

  #forgetOldFailures(): void {
    const oldest = this.#now() - this.#options.windowMs
    this.#failedAt = this.#failedAt.filter((at) => at > oldest)
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}
