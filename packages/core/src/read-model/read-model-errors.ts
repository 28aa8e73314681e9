import { VarveError } from '../varve-error.ts'
import type { Checkpoint } from './read-model-store.ts'
import { type SlotRange, slotsName } from './slots.ts'

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

/** A segment was asked for that a generation does not have: it was split or merged, or never was. */
export class SegmentGoneError extends VarveError {
  readonly code = 'SEGMENT_GONE'
  constructor(
    readonly generation: string,
    readonly slots: SlotRange,
  ) {
    super(
      `Generation "${generation}" has no segment of slots ${slotsName(slots)}: another worker split or merged it. Read the checkpoints again.`,
    )
  }
}

/** The checkpoints of a generation leave slots out, or have some twice, and that did not pass. */
export class SegmentsTornError extends VarveError {
  readonly code = 'SEGMENTS_TORN'
  constructor(
    readonly generation: string,
    readonly found: readonly SlotRange[],
  ) {
    super(
      `The segments of generation "${generation}" do not cover every slot once: found ${found.map(slotsName).join(', ')}. Checkpoints were changed or removed by hand; rebuild the projection.`,
    )
  }
}

/** The past of a model was asked for that keeps no history. */
export class ReadModelWithoutHistoryError extends VarveError {
  readonly code = 'READ_MODEL_WITHOUT_HISTORY'
  constructor(readonly model: string) {
    super(
      `Read model "${model}" keeps no history, so there is no view of its past. Declare it with history: true and rebuild its projection.`,
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

/** A document holds something the store would lose or change without a word. */
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

/** A projection made two documents with the same value under a unique index. */
export class UniqueIndexViolationError extends DocumentRefusedError {
  readonly code = 'UNIQUE_INDEX_VIOLATION'
  /**
   * @param id Id of the document that was refused; undefined while an index is built.
   * @param value The value that exists already, in the store's notation.
   */
  constructor(
    readonly model: string,
    readonly id: string | undefined,
    readonly index: string,
    readonly value: string,
    options?: ErrorOptions,
  ) {
    super(
      `${id === undefined ? 'A document' : `Document "${id}"`} of read model "${model}" has the value ${value} under the unique index "${index}", which another document has already. Make the index not unique, or fold so that the value is free before it is taken again.`,
      options,
    )
  }
}

/** Update operators that cannot be applied, at all or to the document that is there. */
export class UpdateRefusedError extends DocumentRefusedError {
  readonly code = 'UPDATE_REFUSED'
  /** @param reason What is wrong with the update, and what to do instead. */
  constructor(
    readonly model: string,
    readonly id: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `An update of document "${id}" of read model "${model}" cannot be applied: ${reason}.`,
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
