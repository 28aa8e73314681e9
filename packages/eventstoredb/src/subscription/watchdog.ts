import { CallFailure } from '../failure/call-failure.ts'
import type { Probe } from './subscription-source.ts'

/** How often a silent subscription is looked after, in milliseconds. */
export interface WatchdogTimes {
  /** Silence after which the log is asked, and time between two questions. */
  readonly probeMs: number
  /** Longest wait while an event is known to be there before the subscription counts as stalled. */
  readonly stallMs: number
  /** Longest wait for the server to answer at all. */
  readonly answerMs: number
}

/** What a {@link Watchdog} asks and tells. */
export interface WatchdogListener {
  probe(): Promise<Probe>
  /** Whether the silence is the consumer's doing. */
  isExcused(): boolean
  onMoved(position: bigint): void
  onAtEnd(): void
  onStalled(): void
  onLost(cause: unknown): void
}

/**
 * Looks after a subscription that is silent. Silence may mean that nothing happens, that nothing of interest
 * happens, or that the subscription is dead: only the log itself can tell.
 */
export class Watchdog {
  readonly #times: WatchdogTimes
  readonly #listener: WatchdogListener
  #timer: NodeJS.Timeout | undefined
  #messages = 0
  #messagesBefore = -1
  #isConfirmed = false
  #isProbing = false
  #silentSince = 0
  #startedAt = 0

  constructor(times: WatchdogTimes, listener: WatchdogListener) {
    this.#times = times
    this.#listener = listener
  }

  start(): void {
    this.#startedAt = performance.now()
    this.#timer = setInterval(() => void this.#look(), this.#times.probeMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  sawMessage(): void {
    this.#messages += 1
  }

  sawConfirmation(): void {
    this.#isConfirmed = true
  }

  async #look(): Promise<void> {
    if (this.#isProbing) return
    if (this.#messages !== this.#messagesBefore || this.#listener.isExcused()) {
      this.#messagesBefore = this.#messages
      this.#silentSince = performance.now()
      return
    }
    if (!this.#isConfirmed) {
      this.#checkConfirmation()
      return
    }
    this.#isProbing = true
    try {
      this.#react(await this.#listener.probe())
    } catch (failure) {
      if (this.#timer) this.#listener.onLost(failure)
    } finally {
      this.#isProbing = false
    }
  }

  #checkConfirmation(): void {
    const { answerMs } = this.#times
    if (performance.now() - this.#startedAt < answerMs) return
    const message = `The subscription was not confirmed within ${answerMs} ms.`
    this.#listener.onLost(new CallFailure('no-answer', message))
  }

  #react({ isBehind, isAtEnd, upTo }: Probe): void {
    // While the log was asked the subscription may have spoken, or ended.
    if (!this.#timer) return
    if (upTo !== undefined) this.#listener.onMoved(upTo)
    if (this.#messages !== this.#messagesBefore) return
    if (isAtEnd) this.#listener.onAtEnd()
    if (!isBehind) {
      this.#silentSince = performance.now()
      return
    }
    if (performance.now() - this.#silentSince < this.#times.stallMs) return
    this.#listener.onStalled()
    this.#listener.onLost(
      new CallFailure(
        'no-answer',
        `Nothing came for ${this.#times.stallMs} ms although there is more.`,
      ),
    )
  }
}
