import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { isVarveError } from '../varve-error.ts'
import type { DeadLetter, DeadLetterCause, DeadLetterQueue } from './dead-letter-store.ts'

/** Puts an error into words that outlive the process. */
export function causeOf(error: unknown): DeadLetterCause {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  return {
    name: error.name,
    message: error.message,
    ...(isVarveError(error) && { code: error.code }),
    ...(error.stack !== undefined && { stack: error.stack }),
  }
}

/** Makes the letter of an event that did not fail, but stands behind one that did. */
export function waitingLetter(
  queue: DeadLetterQueue,
  event: RecordedEvent,
  slot: number,
  since: Date,
): DeadLetter {
  return {
    queue,
    event,
    slot,
    since,
    state: 'waiting',
    attempts: 0,
    cause: undefined,
    dueAt: undefined,
  }
}
