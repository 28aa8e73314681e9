import type { AppendResult as ClientAppendResult } from '@eventstore/db-client'
import type { AppendResult, EventToAppend, ExpectedRevision, StreamName } from '@varve/core'
import { EventStoreFailedError } from '../eventstoredb-errors.ts'
import { typeOf } from '../failure/classify-failure.ts'
import { RetryBudget, type RetryPolicy } from '../failure/retry-budget.ts'
import { translateFailure } from '../failure/translate-failure.ts'
import { isPlausiblePosition } from '../read/log-position.ts'
import type { AppendSender } from './append-sender.ts'
import { encodeEvents } from './encode-events.ts'
import type { JsonEvent } from './json-event.ts'
import type { RecordedBatches, Tail } from './recorded-batches.ts'

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
 * recognises. "any" and "stream-exists" are recognised only by a cache the server loses when it restarts; so
 * before such an append is repeated, the end of the stream is searched for it and its revision is pinned.
 */
export class Appender {
  readonly #options: AppenderOptions
  readonly #underWay = new Set<Promise<unknown>>()

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
    const appending = this.#append({ stream, events: encoded, ids, expected })
    this.#underWay.add(appending)
    const done = (): void => void this.#underWay.delete(appending)
    appending.then(done, done)
    return appending
  }

  /** Waits for everything under way, whether it succeeds or fails. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#underWay)
  }

  async #append(batch: Batch): Promise<AppendResult> {
    const { stream, events } = batch
    try {
      return await this.#complete(
        batch,
        await this.#options.sender.send(stream, events, batch.expected),
      )
    } catch (failure) {
      const budget = new RetryBudget(this.#options.retry, this.#attempt(batch))
      await budget.pauseAfter(failure)
      return this.#repeat(batch, budget)
    }
  }

  /** From here on the batch may or may not be recorded. */
  async #repeat(batch: Batch, budget: RetryBudget): Promise<AppendResult> {
    const { sender } = this.#options
    for (;;) {
      const known = await this.#findOrPin(batch)
      if (known.recorded) return known.recorded
      try {
        const answer = await sender.send(batch.stream, batch.events, known.expected)
        return await this.#complete(batch, answer)
      } catch (failure) {
        if (typeOf(failure) !== 'wrong-expected-version') {
          await budget.pauseAfter(failure)
          continue
        }
        // Another writer came between the pinning and this try: pin again.
        if (isInexact(batch.expected) && known.expected !== batch.expected) continue
        const recorded = isInexact(batch.expected)
          ? undefined
          : await this.#options.recorded.findAt(batch.stream, batch.ids, batch.expected)
        if (recorded) return recorded
        throw translateFailure(failure, this.#attempt(batch))
      }
    }
  }

  async #findOrPin({ stream, ids, expected }: Batch): Promise<{
    readonly recorded?: AppendResult | undefined
    readonly expected: ExpectedRevision
  }> {
    if (!isInexact(expected)) return { expected }
    const tail: Tail = await this.#options.recorded.findInTail(stream, ids)
    const pinned = tail.revision ?? (expected === 'any' ? 'no-stream' : expected)
    return { recorded: tail.recorded, expected: pinned }
  }

  async #complete(batch: Batch, answer: ClientAppendResult): Promise<AppendResult> {
    const revision = answer.nextExpectedRevision
    const told = answer.position?.commit
    if (told !== undefined && isPlausiblePosition(told)) return { revision, position: told }
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
