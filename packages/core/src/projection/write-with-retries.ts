import { pause } from '../bus/pause.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { GenerationWriter } from './generation-writer.ts'
import { ProjectionHaltedError, ProjectionHandlerError } from './projection-errors.ts'

/** How a failing event is tried again. */
export interface WriteRetries {
  /** Pauses before each further try, in milliseconds. */
  readonly delaysMs: readonly number[]
  readonly signal: AbortSignal
  readonly onRetry: (error: ProjectionHandlerError) => void
}

/**
 * Writes a batch. Where a handler throws, what came before its event is written, and the rest tried again.
 * Returns without having written all of it only when the signal was raised.
 *
 * @throws {ProjectionHaltedError} The event failed in every try. What came before it is written.
 */
export async function writeWithRetries(
  writer: GenerationWriter,
  events: readonly RecordedEvent[],
  position: bigint,
  retries: WriteRetries,
): Promise<void> {
  let rest = events
  let tries = 0
  while (!retries.signal.aborted) {
    try {
      await writer.write(rest, position)
      return
    } catch (error) {
      if (!(error instanceof ProjectionHandlerError)) throw error
      const failed = rest.findIndex((event) => event.position === error.event.position)
      if (failed > 0) {
        const before = rest.slice(0, failed)
        await writer.write(before, (before.at(-1) as RecordedEvent).position)
        rest = rest.slice(failed)
        tries = 0
      }
      const delay = retries.delaysMs[tries]
      if (delay === undefined) throw new ProjectionHaltedError(error.projection, { cause: error })
      tries += 1
      retries.onRetry(error)
      await pause(delay, retries.signal)
    }
  }
}
