import { EventStoreUnavailableError } from '@varve/core'
import { backoffDelay } from './backoff.ts'
import { isTransient } from './classify-failure.ts'
import { pause } from './pause.ts'
import { type Attempt, translateFailure } from './translate-failure.ts'

/** For how long, and how often, an operation is tried again. */
export interface RetryPolicy {
  /** Milliseconds after the first failure in which a further try may start. */
  readonly budgetMs: number
  /** Milliseconds before the second try; doubles from there. */
  readonly firstDelayMs: number
  /** Longest wait between two tries in milliseconds. */
  readonly maxDelayMs: number
}

/** Counts down the tries of one operation. */
export class RetryBudget {
  readonly #policy: RetryPolicy
  readonly #attempt: Attempt
  #retries = 0
  #endsAt: number | undefined

  constructor(policy: RetryPolicy, attempt: Attempt) {
    this.#policy = policy
    this.#attempt = attempt
  }

  /** Starts afresh: the operation made progress. */
  renew(): void {
    this.#retries = 0
    this.#endsAt = undefined
  }

  /**
   * Waits until the next try.
   *
   * @throws What the failure means to the caller, where trying again does not help or the budget is spent.
   */
  async pauseAfter(failure: unknown): Promise<void> {
    if (!isTransient(failure)) throw translateFailure(failure, this.#attempt)
    const { budgetMs, firstDelayMs, maxDelayMs } = this.#policy
    this.#retries += 1
    const delay = backoffDelay(this.#retries, { firstMs: firstDelayMs, maxMs: maxDelayMs })
    this.#endsAt ??= performance.now() + budgetMs
    if (performance.now() + delay > this.#endsAt) {
      const { address, operation } = this.#attempt
      throw new EventStoreUnavailableError(address, operation, { cause: failure })
    }
    await pause(delay)
  }
}
