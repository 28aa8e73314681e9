import { VarveError } from '../varve-error.ts'

/** Nobody handles a command. */
export class UnknownCommandError extends VarveError {
  readonly code = 'UNKNOWN_COMMAND'
  constructor(
    readonly found: string,
    readonly known: readonly string[],
  ) {
    super(
      `No aggregate handles ${found}. Add @Handles for it and list the aggregate in definitions; known: ${list(known)}.`,
    )
  }
}

/** Nobody answers a query. */
export class UnknownQueryError extends VarveError {
  readonly code = 'UNKNOWN_QUERY'
  constructor(
    readonly found: string,
    readonly known: readonly string[],
  ) {
    super(
      `No handler answers ${found}. Add a @QueryHandler for it and list it in definitions; known: ${list(known)}.`,
    )
  }
}

/** A command id was used before, for another command. Nothing was done. */
export class CommandIdReusedError extends VarveError {
  readonly code = 'COMMAND_ID_REUSED'
  constructor(
    readonly commandId: string,
    readonly commandType: string,
    readonly firstType: string,
  ) {
    super(
      `Command id "${commandId}" of "${commandType}" was used before, ${firstType === commandType ? 'with another payload' : `for "${firstType}"`}. An id belongs to one command; take another.`,
    )
  }
}

function list(known: readonly string[]): string {
  return known.length === 0 ? 'none' : known.join(', ')
}
