import { VarveError } from '@varve/core'

/** A handler was asked for when its message was done already. */
export class ScopeClosedError extends VarveError {
  readonly code = 'SCOPE_CLOSED'
  constructor(readonly handler: string) {
    super(
      `"${handler}" was asked for after its message was done. Resolve what a handler needs before it returns, and await what it starts.`,
    )
  }
}
