import { isConnectionInDoubt } from '../failure/classify-failure.ts'
import { RetryBudget, type RetryPolicy } from '../failure/retry-budget.ts'
import { withTimeLimit } from '../failure/time-limit.ts'
import type { Attempt } from '../failure/translate-failure.ts'
import type { ClientPool } from './client-pool.ts'
import type { GuardedClient } from './guarded-client.ts'

/** What {@link ServerCalls} work with. */
export interface ServerCallsOptions {
  readonly pool: ClientPool
  readonly address: string
  readonly retry: RetryPolicy
  /** Longest wait for the answer to one try, in milliseconds. */
  readonly timeoutMs: number
}

/** One question and one answer. Tries again what may be tried again. */
export class ServerCalls {
  readonly #options: ServerCallsOptions

  constructor(options: ServerCallsOptions) {
    this.#options = options
  }

  /**
   * Asks until there is an answer.
   *
   * @param ask Must be safe to repeat; told whether an earlier try has an unknown outcome.
   */
  async ask<Answer>(
    attempt: Omit<Attempt, 'address'>,
    ask: (client: GuardedClient, isRepeated: boolean) => Promise<Answer>,
  ): Promise<Answer> {
    const { pool, address, retry, timeoutMs } = this.#options
    const budget = new RetryBudget(retry, { ...attempt, address })
    for (let isRepeated = false; ; isRepeated = true) {
      const lease = pool.acquire()
      try {
        return await withTimeLimit(ask(lease.client, isRepeated), timeoutMs)
      } catch (failure) {
        if (isConnectionInDoubt(failure)) lease.retire()
        await budget.pauseAfter(failure)
      } finally {
        lease.release()
      }
    }
  }
}
