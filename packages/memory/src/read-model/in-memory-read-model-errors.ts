import { VarveError } from '@varve/core'

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
