import { VarveError } from '../varve-error.ts'
import type { StreamName } from './stream-name.ts'

/**
 * What the writer believes of the stream: it does not exist, anything, it exists, or the zero-based
 * revision of its last event.
 */
export type ExpectedRevision = 'no-stream' | 'any' | 'stream-exists' | bigint

/** Another writer was first: reload, decide again, retry. */
export class WrongExpectedRevisionError extends VarveError {
  readonly code = 'WRONG_EXPECTED_REVISION'
  /** @param actual Revision the stream is at; undefined where it has no events or the server does not say. */
  constructor(
    readonly stream: StreamName,
    readonly expected: ExpectedRevision,
    readonly actual?: bigint,
    options?: ErrorOptions,
  ) {
    super(
      `Stream "${stream}" is at revision ${actual ?? 'none'}, but ${expected} was expected. Reload, decide again and retry.`,
      options,
    )
  }
}
