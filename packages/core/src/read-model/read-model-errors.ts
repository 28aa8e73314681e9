import { VarveError } from '../varve-error.ts'
import type { Checkpoint } from './read-model-store.ts'

/** Another runner took a projection over, so this one may not write any more. */
export class CheckpointConflictError extends VarveError {
  readonly code = 'CHECKPOINT_CONFLICT'
  constructor(
    readonly expected: Checkpoint,
    readonly found: Checkpoint | undefined,
    options?: ErrorOptions,
  ) {
    const at = (checkpoint: Checkpoint | undefined): string =>
      checkpoint
        ? `epoch ${checkpoint.epoch}, position ${checkpoint.position ?? 'none'}`
        : 'no checkpoint'
    super(
      `Checkpoint "${expected.id}" is not where this runner left it: expected ${at(expected)}, found ${at(found)}. Another runner took over; stop this one and take the checkpoint again.`,
      options,
    )
  }
}

/** The store will never take a document as it is: the event that made it so is to blame, not the server. */
export abstract class DocumentRefusedError extends VarveError {
  /** Name of the read model. */
  abstract readonly model: string
  /** Id of the document; undefined where the store does not say. */
  abstract readonly id: string | undefined
}

/** A document grew over the limit of the store. */
export class DocumentTooLargeError extends DocumentRefusedError {
  readonly code = 'DOCUMENT_TOO_LARGE'
  constructor(
    readonly model: string,
    readonly id: string,
    readonly bytes: number,
    readonly maxBytes: number,
    options?: ErrorOptions,
  ) {
    super(
      `Document "${id}" of read model "${model}" has ${bytes} bytes, over the limit of ${maxBytes}. Split it by a finer key, or keep less in it.`,
      options,
    )
  }
}

/** The read-model store could not be reached or did not answer. */
export class ReadModelStoreUnavailableError extends VarveError {
  readonly code = 'READ_MODEL_STORE_UNAVAILABLE'
  /** @param address Where the store was looked for, without credentials. */
  constructor(
    readonly address: string,
    readonly operation: string,
    options?: ErrorOptions,
  ) {
    super(
      `The read-model store at ${address} did not answer (${operation}). Check that the server runs and that the address is right.`,
      options,
    )
  }
}
