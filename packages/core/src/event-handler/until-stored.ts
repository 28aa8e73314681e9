import { pause } from '../bus/pause.ts'
import { DeadLetterTooLargeError } from '../dead-letter/dead-letter-errors.ts'
import { EventHandlerConflictError } from './event-handler-errors.ts'

const longestBackoffMs = 2_000

/** How a store that does not answer is asked again. */
export interface StoreRetries {
  /** Ends the retries: the call is then made once. */
  readonly signal: AbortSignal
  readonly onFailure: (error: unknown) => void
}

/**
 * Calls a store until it answers: what a handler has done cannot be undone, so it is not given up for an outage.
 *
 * @param call May be made again after an unknown outcome.
 * @throws {EventHandlerConflictError} At once: another process took over.
 * @throws {DeadLetterTooLargeError} At once: it never gets smaller.
 * @throws What the call threw last, once the signal is raised.
 */
export async function untilStored<Result>(
  call: () => Promise<Result>,
  { signal, onFailure }: StoreRetries,
): Promise<Result> {
  for (let tries = 0; ; tries += 1)
    try {
      return await call()
    } catch (error) {
      if (isFinal(error) || signal.aborted) throw error
      onFailure(error)
      await pause(Math.min(longestBackoffMs, 50 * 2 ** tries) * (0.5 + Math.random() / 2), signal)
    }
}

function isFinal(error: unknown): boolean {
  return error instanceof EventHandlerConflictError || error instanceof DeadLetterTooLargeError
}
