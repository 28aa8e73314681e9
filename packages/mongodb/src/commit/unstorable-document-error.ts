import { DocumentRefusedError } from '@varve/core'

/** A document holds something MongoDB would lose or change without a word. */
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
