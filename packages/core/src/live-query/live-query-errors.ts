import { VarveError } from '../varve-error.ts'

/** A live query was iterated a second time. */
export class LiveQueryIteratedError extends VarveError {
  readonly code = 'LIVE_QUERY_ITERATED'
  constructor(readonly query: string) {
    super(
      `The live query ${query} is iterated already. Its results go to one reader; subscribe once for each.`,
    )
  }
}

/** A query was subscribed to after live queries had been closed. */
export class LiveQueriesClosedError extends VarveError {
  readonly code = 'LIVE_QUERIES_CLOSED'
  constructor(readonly query: string) {
    super(`Query ${query} cannot be subscribed to: the application is closed.`)
  }
}
