import {
  type AppendResult,
  type EventToAppend,
  type ExpectedRevision,
  StreamDeletedError,
  type StreamName,
  WrongExpectedRevisionError,
} from '@varve/core'
import type { AppendAnswer } from '../connection/guarded-client.ts'
import { UnderWay } from '../connection/under-way.ts'
import { EventStoreFailedError } from '../eventstoredb-errors.ts'
import { typeOf } from '../failure/classify-failure.ts'
import { RetryBudget, type RetryPolicy } from '../failure/retry-budget.ts'
import type { translateFailure } from '../failure/translate-failure.ts'
import { isPlausiblePosition } from '../read/log-position.ts'
import type { AppendSender } from './append-sender.ts'
import { encodeEvents } from './encode-events.ts'
import type { JsonEvent } from './json-event.ts'
import type { RecordedBatches } from './recorded-batches.ts'

/** What an {@link Appender} works with. */
export interface AppenderOptions {
  readonly sender: AppendSender
  readonly recorded: RecordedBatches
  readonly address: string
  readonly retry: RetryPolicy
}

interface Batch {
  readonly stream: StreamName
  readonly events: readonly JsonEvent[]
  readonly ids: readonly string[]
  readonly expected: ExpectedRevision
}

/**
 * Appends exactly once.
 *
 * A try with an unknown outcome is repeated with the same ids at the same exact revision, which the server
 * recognises. Under "any" and "stream-exists" it recognises them only by a cache, lost when it restarts. So
 * before such an append is repeated, the end of the stream is searched for it: a restarted server cannot
 * record the earlier try any more, and one that did not restart still has its cache.
 */
export class Appender {
  readonly #options: AppenderOptions
  readonly #underWay = new UnderWay()

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  append(
    stream: StreamName,
    events: readonly EventToAppend[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    const encoded = encodeEvents(stream, events)
    const ids = encoded.map(({ id }) => id)
    const batch = { stream, events: encoded, ids, expected }
    return this.#underWay.track(this.#append(batch))
  }

  /** Waits for everything under way, whether it succeeds or fails. */
  async drain(): Promise<void> {
    await this.#underWay.drain()
  }

  async #append(batch: Batch): Promise<AppendResult> {
    const { stream, events, expected } = batch
    const startedAt = Date.now()
    try {
      return await this.#complete(batch, await this.#options.sender.send(stream, events, expected))
    } catch (failure) {
      return this.#recover(batch, new Date(startedAt), failure)
    }
  }

  async #recover(batch: Batch, startedAt: Date, failure: unknown): Promise<AppendResult> {
    const budget = new RetryBudget(this.#options.retry, this.#attempt(batch))
    try {
      await budget.pauseAfter(failure)
      return await this.#repeat(batch, startedAt, budget)
    } catch (error) {
      return this.#refuse(batch, error)
    }
  }

  /**
   * Tells a stream that was only emptied from one that was deleted for good. Where a stream is expected to
   * exist, the server says the same of both.
   */
  async #refuse({ stream, expected }: Batch, error: unknown): Promise<never> {
    if (error instanceof StreamDeletedError && expected === 'stream-exists') {
      await this.#options.recorded.checkReadable(stream)
      throw new WrongExpectedRevisionError(stream, expected, undefined, { cause: error })
    }
    throw error
  }

  /** From here on the batch may or may not be recorded. */
  async #repeat(batch: Batch, startedAt: Date, budget: RetryBudget): Promise<AppendResult> {
    const { sender, recorded } = this.#options
    const { stream, events, ids, expected } = batch
    for (;;) {
      if (isInexact(expected)) {
        const found = await recorded.findInTail(stream, ids, startedAt)
        if (found) return found
      }
      try {
        return await this.#complete(batch, await sender.send(stream, events, expected))
      } catch (failure) {
        if (typeOf(failure) === 'wrong-expected-version' && !isInexact(expected)) {
          const found = await recorded.findAt(stream, ids, expected)
          if (found) return found
        }
        await budget.pauseAfter(failure)
      }
    }
  }

  #complete(batch: Batch, answer: AppendAnswer): AppendResult | Promise<AppendResult> {
    const revision = answer.nextExpectedRevision
    const told = answer.position?.commit
    if (told !== undefined && isPlausiblePosition(told)) return { revision, position: told }
    return this.#findPosition(batch, revision)
  }

  async #findPosition(batch: Batch, revision: bigint): Promise<AppendResult> {
    const position = await this.#options.recorded.positionOf(batch.stream, revision)
    if (position !== undefined) return { revision, position }
    const { address, operation } = this.#attempt(batch)
    throw new EventStoreFailedError(
      address,
      operation,
      `the events are recorded, up to revision ${revision}, but the server does not tell their position`,
    )
  }

  #attempt({ stream, expected }: Batch): Parameters<typeof translateFailure>[1] {
    const { address } = this.#options
    return { address, operation: `append to "${stream}"`, stream, expected }
  }
}

function isInexact(expected: ExpectedRevision): expected is 'any' | 'stream-exists' {
  return expected === 'any' || expected === 'stream-exists'
}
