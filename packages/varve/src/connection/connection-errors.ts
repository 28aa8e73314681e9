import { VarveError } from '@varve/core'

/** Production needs servers by URL; the local ones are for development. */
export class MissingConnectionError extends VarveError {
  readonly code = 'MISSING_CONNECTION'
  constructor(readonly options: readonly string[]) {
    super(
      `NODE_ENV is "production", but no connection string is given for ${options.join(' and ')}. The local servers are for development only: pass the URL of a real server.`,
    )
  }
}
