import { VarveError } from '@varve/core'

/** A view of the past was asked of a read model that keeps no history. */
export class HistoryNotKeptError extends VarveError {
  readonly code = 'HISTORY_NOT_KEPT'
  constructor(readonly model: string) {
    super(
      `Read model "${model}" keeps no history, so it cannot be seen as it was. Define it with history: true and rebuild it.`,
    )
  }
}

/** A query cannot be run. */
export class InvalidQueryError extends VarveError {
  readonly code = 'INVALID_QUERY'
  constructor(
    readonly model: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`A query of read model "${model}" cannot be run: ${reason}.`, options)
  }
}
