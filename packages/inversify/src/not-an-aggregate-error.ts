import { VarveError } from '@varve/core'

/** A repository was named by a class that is no aggregate. */
export class NotAnAggregateError extends VarveError {
  readonly code = 'NOT_AN_AGGREGATE'
  constructor(readonly found: string) {
    super(
      `There is no repository of ${found}: it is no aggregate. Put @Aggregate('<a category>') on the class, or name the category.`,
    )
  }
}
