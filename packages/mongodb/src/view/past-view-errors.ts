import { VarveError } from '@varve/core'

/** A query uses something the history of a model cannot answer. */
export class PastViewUnsupportedError extends VarveError {
  readonly code = 'PAST_VIEW_UNSUPPORTED'
  /** @param feature The operator, stage or option. */
  constructor(
    readonly model: string,
    readonly feature: string,
  ) {
    super(
      `The past of read model "${model}" cannot be queried with ${feature}. Filter on fields instead, or ask without asOf.`,
    )
  }
}
