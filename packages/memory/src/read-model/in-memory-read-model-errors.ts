import { DocumentRefusedError, VarveError } from '@varve/core'

/** The past of a model was asked for that keeps no history. */
export class ReadModelWithoutHistoryError extends VarveError {
  readonly code = 'READ_MODEL_WITHOUT_HISTORY'
  constructor(readonly model: string) {
    super(
      `Read model "${model}" keeps no history, so there is no view of its past. Declare it with history: true and rebuild its projection.`,
    )
  }
}

/** A document holds something MongoDB would lose or change without a word, so it is refused here too. */
export class UnstorableDocumentError extends DocumentRefusedError {
  readonly code = 'UNSTORABLE_DOCUMENT'
  /**
   * @param path Where in the document, dotted.
   * @param reason What is there and what to store instead.
   */
  constructor(
    readonly model: string,
    readonly id: string,
    readonly path: string,
    readonly reason: string,
  ) {
    super(`Document "${id}" of read model "${model}" cannot be stored: "${path}" ${reason}.`)
  }
}

/** A projection made two documents with the same value under a unique index. Nothing was written. */
export class UniqueIndexViolationError extends DocumentRefusedError {
  readonly code = 'UNIQUE_INDEX_VIOLATION'
  /** @param value The value that exists already, as JSON. */
  constructor(
    readonly model: string,
    readonly id: string,
    readonly index: string,
    readonly value: string,
  ) {
    super(
      `Document "${id}" of read model "${model}" has the value ${value} under the unique index "${index}", which another document has already. Make the index not unique, or fold so that the value is free before it is taken again.`,
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
