import type { Generation, GenerationRecord } from './generation.ts'
import type { ReadModelDefinition, ReadModelDocument } from './read-model-definition.ts'

/**
 * What a store can promise. `exactly-once`: documents and checkpoint in one transaction.
 * `idempotent`: documents guarded by position, then the checkpoint; a crash replays the tail without effect.
 */
export type ConsistencyLevel = 'exactly-once' | 'idempotent'

/** How far a generation has been filled, and who may go on. */
export interface Checkpoint {
  readonly id: string
  /** Everything up to this position is in the documents. Undefined: nothing yet. */
  readonly position: bigint | undefined
  /** Grows each time a runner takes over; a commit with an older epoch is refused. */
  readonly epoch: bigint
}

/** A document as stored, with the position of the last event in it. */
export interface StoredDocument {
  /** Undefined: deleted, and remembered so that a replay does not bring it back. */
  readonly document: ReadModelDocument | undefined
  readonly position: bigint
}

/** A version a document had from one event to the next. */
export interface DocumentVersion {
  /** Position of the event that made it. */
  readonly position: bigint
  /** When that event was recorded. */
  readonly recordedAt: Date
  /** Undefined: the event deleted the document. */
  readonly document: ReadModelDocument | undefined
}

/** What one batch makes of one document. */
export interface DocumentWrite {
  readonly model: ReadModelDefinition
  readonly id: string
  /** The document after the batch; undefined deletes it. */
  readonly document: ReadModelDocument | undefined
  /** Position of the last event folded in. */
  readonly position: bigint
  /** Position of the stored version this one was folded from; undefined where there was none. */
  readonly previous: bigint | undefined
  /** For models with history: every version the batch made, oldest first. Empty otherwise. */
  readonly versions: readonly DocumentVersion[]
}

/** All documents of one batch and the checkpoint behind it. */
export interface ReadModelCommit {
  readonly generation: Generation
  /** At most one write per document. May be empty: then only the checkpoint moves. */
  readonly writes: readonly DocumentWrite[]
  /** The checkpoint as the runner knows it. */
  readonly from: Checkpoint
  /** Where the checkpoint moves. */
  readonly position: bigint
}

/** A point in the past of a read model with history. */
export type ViewPoint = { readonly position: bigint } | { readonly date: Date }

/**
 * Keeps the documents of read models together with the checkpoint of what is in them.
 *
 * Generations keep a rebuild apart from what readers see: every collection, history and checkpoint belongs
 * to one generation, and one record per projection says which of them is active.
 */
export interface ReadModelStore {
  /**
   * Connects and tells what the server can promise.
   *
   * @throws {ReadModelStoreUnavailableError} The server did not answer.
   */
  level(): Promise<ConsistencyLevel>

  /** Returns a projection's generations; undefined where it never ran. */
  generations(projection: string): Promise<GenerationRecord | undefined>

  /**
   * Saves a projection's generations over the revision they were made from (0: there were none).
   * `record.revision` must be `expectedRevision + 1`.
   *
   * @throws {GenerationConflictError} Somebody else changed them in between. Nothing was saved.
   */
  saveGenerations(record: GenerationRecord, expectedRevision: number): Promise<void>

  /** Creates the collections and indexes of a generation. Idempotent. */
  create(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void>

  /** Drops the collections, histories and the checkpoint of a generation. Idempotent. */
  drop(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void>

  /** Reads how far a generation is, without taking it over. Undefined: nobody ever took it. */
  checkpoint(generation: Generation): Promise<Checkpoint | undefined>

  /** Takes a generation over for writing: raises the epoch, so that every earlier runner is refused. */
  takeCheckpoint(generation: Generation): Promise<Checkpoint>

  /**
   * Loads the current documents of one model by id. Ids without a document, and never deleted, are absent.
   * The returned documents are the caller's to change.
   */
  load(
    generation: Generation,
    model: ReadModelDefinition,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>>

  /**
   * Writes the documents and moves the checkpoint, as one at level `exactly-once`; at level `idempotent`
   * the documents first, each only over an older position, then the checkpoint. Keeps no reference to the
   * documents: the caller goes on changing them once the commit has settled.
   *
   * A document that was deleted by an earlier commit may come back: `previous` is then the deletion's position.
   *
   * @throws {CheckpointConflictError} Another runner took over, or the checkpoint is elsewhere: nothing
   *   was written (at level `idempotent`: nothing that differs from what the other runner writes).
   * @throws {DocumentTooLargeError} A document is over the store's limit. Nothing was written.
   * @throws {ReadModelStoreUnavailableError} The outcome is unknown; take the checkpoint again and look.
   */
  commit(commit: ReadModelCommit): Promise<Checkpoint>

  /**
   * Opens a model for queries. What it returns is the adapter's own (`ReadModelView` of `@varve/mongodb`);
   * core only hands it on.
   *
   * @param at With history only: the documents as they were then.
   */
  view(generation: Generation, model: ReadModelDefinition, at?: ViewPoint): unknown

  /** Waits for commits under way and frees connections. */
  close(): Promise<void>
}
