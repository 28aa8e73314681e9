import { VarveError } from '../varve-error.ts'
import type { DeadLetterQueue } from './dead-letter-store.ts'

/** An event is too large for the store of dead letters, so what could not apply it must halt. */
export class DeadLetterTooLargeError extends VarveError {
  readonly code = 'DEAD_LETTER_TOO_LARGE'
  constructor(
    readonly queue: DeadLetterQueue,
    readonly position: bigint,
    readonly bytes: number,
    readonly maxBytes: number,
  ) {
    super(
      `The event at position ${position} has ${bytes} bytes, over the limit of ${maxBytes} for a dead letter of "${queue.consumer}" (${queue.key}). Mend the handler, which then needs no letter; nothing was skipped.`,
    )
  }
}
