import { VarveError } from '@varve/core'

/** An aggregate is not among the definitions. */
export class UnknownAggregateError extends VarveError {
  readonly code = 'UNKNOWN_AGGREGATE'
  constructor(
    readonly found: string,
    readonly known: readonly string[],
  ) {
    super(
      `${found} is no aggregate of this application. List it in definitions; known: ${known.length === 0 ? 'none' : known.join(', ')}.`,
    )
  }
}
