import { VarveError } from '@varve/core'

/** The store was closed before the call. */
export class ReadModelStoreClosedError extends VarveError {
  readonly code = 'READ_MODEL_STORE_CLOSED'
  constructor(readonly operation: string) {
    super(
      `The read-model store is closed; ${operation} is not possible any more. Open a new one, or close it later.`,
    )
  }
}

/** The server refused the credentials, or what they are allowed to do. */
export class ReadModelStoreAccessDeniedError extends VarveError {
  readonly code = 'READ_MODEL_STORE_ACCESS_DENIED'
  /** @param address Address of the server, without credentials. */
  constructor(
    readonly address: string,
    readonly operation: string,
    options?: ErrorOptions,
  ) {
    super(
      `The MongoDB server at ${address} denied access (${operation}). Check user, password and authSource in the connection string, and that the user has the readWrite role on the database.`,
      options,
    )
  }
}

/** The server understood an operation and refused it, for a reason that has no error of its own here. */
export class ReadModelStoreRejectedError extends VarveError {
  readonly code = 'READ_MODEL_STORE_REJECTED'
  /**
   * @param serverCode MongoDB's error code, where there is one.
   * @param reason The server's words.
   */
  constructor(
    readonly address: string,
    readonly operation: string,
    readonly serverCode: number | undefined,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The MongoDB server at ${address} refused an operation (${operation}): ${reason} (code ${serverCode ?? 'none'}). Look the code up in MongoDB's error reference.`,
      options,
    )
  }
}
