import type { ExpectedRevision, StreamName } from '@varve/core'
import type { ClientPool } from '../connection/client-pool.ts'
import type { AppendAnswer } from '../connection/guarded-client.ts'
import { isConnectionInDoubt } from '../failure/classify-failure.ts'
import type { JsonEvent } from './json-event.ts'
import { Turnstile } from './turnstile.ts'

/** More at a time only makes each wait longer. */
const mostUnderWay = 500
/** Tolerated difference of the clocks: the server takes the deadline as a time of day. */
const clockSkewMs = 60_000

const clientExpectations = {
  any: 'any',
  'no-stream': 'no_stream',
  'stream-exists': 'stream_exists',
} as const

/** Sends an append once. */
export class AppendSender {
  readonly #pool: ClientPool
  readonly #timeoutMs: number
  readonly #turnstile = new Turnstile(mostUnderWay)

  /** @param timeoutMs Longest wait for the answer to one try. */
  constructor(pool: ClientPool, timeoutMs: number) {
    this.#pool = pool
    this.#timeoutMs = timeoutMs
  }

  send(
    stream: StreamName,
    events: readonly JsonEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendAnswer> {
    return this.#turnstile.pass(() => this.#sendNow(stream, events, expected))
  }

  async #sendNow(
    stream: StreamName,
    events: readonly JsonEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendAnswer> {
    const lease = this.#pool.acquire()
    try {
      return await lease.client.append(stream, {
        events,
        expected: typeof expected === 'bigint' ? expected : clientExpectations[expected],
        deadline: this.#timeoutMs + clockSkewMs,
        timeoutMs: this.#timeoutMs,
      })
    } catch (failure) {
      if (isConnectionInDoubt(failure)) lease.retire()
      throw failure
    } finally {
      lease.release()
    }
  }
}
