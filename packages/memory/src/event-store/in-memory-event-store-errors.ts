import { type StreamName, VarveError } from '@varve/core'

/** An append breaks the port's rules, so that every event store would refuse it. Nothing was recorded. */
export class InvalidAppendError extends VarveError {
  readonly code = 'INVALID_APPEND'
  /** @param reason What was found and what was expected. */
  constructor(
    readonly stream: StreamName,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`The append to "${stream}" is refused: ${reason}.`, options)
  }
}
