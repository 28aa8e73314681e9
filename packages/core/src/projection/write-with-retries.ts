import { pause } from '../bus/pause.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { DocumentRefusedError } from '../read-model/read-model-errors.ts'
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
 * Writes a batch. Where an event fails, because its handler throws or the store refuses what it makes, the
 * events before it are written, and it and the rest are tried again.
 *
 * @returns Whether all of it is written; false only where the signal was raised first.
 * @throws {ProjectionHaltedError} The event failed in every try. What came before it is written.
 */
export async function writeWithRetries(
  writer: GenerationWriter,
  events: readonly RecordedEvent[],
  position: bigint,
  retries: WriteRetries,
): Promise<boolean> {
  let rest = events
  let tries = 0
  while (!retries.signal.aborted) {
    const error = await writeUpToFailure(writer, rest, position)
    if (!error) return true
    const failed = rest.findIndex((event) => event.position === error.event.position)
    if (failed > 0) tries = 0
    rest = rest.slice(failed)
    const delay = retries.delaysMs[tries]
    if (delay === undefined) throw new ProjectionHaltedError(error.projection, { cause: error })
    tries += 1
    retries.onRetry(error)
    await pause(delay, retries.signal)
  }
  return false
}

/** Writes what can be written, in order; returns the failure of the first event that cannot. */
async function writeUpToFailure(
  writer: GenerationWriter,
  events: readonly RecordedEvent[],
  position: bigint,
): Promise<ProjectionHandlerError | undefined> {
  try {
    await writer.write(events, position)
    return undefined
  } catch (error) {
    if (error instanceof DocumentRefusedError) return writeOneByOne(writer, events, position)
    if (!(error instanceof ProjectionHandlerError)) throw error
    const before = events.filter((event) => event.position < error.event.position)
    const last = before.at(-1)
    return last && before.length < events.length
      ? ((await writeUpToFailure(writer, before, last.position)) ?? error)
      : error
  }
}

/** A refused document does not say which of its events is to blame. */
async function writeOneByOne(
  writer: GenerationWriter,
  events: readonly RecordedEvent[],
  position: bigint,
): Promise<ProjectionHandlerError | undefined> {
  for (const event of events)
    try {
      await writer.write([event], event.position)
    } catch (error) {
      if (error instanceof ProjectionHandlerError) return error
      if (!(error instanceof DocumentRefusedError)) throw error
      const { projection } = writer.generation
      return new ProjectionHandlerError(projection, event, error.id, { cause: error })
    }
  await writer.write([], position)
  return undefined
}
