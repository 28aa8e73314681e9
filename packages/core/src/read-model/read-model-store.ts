import type { DeadLetter, DeadLetterId, DeadLetterStore } from '../dead-letter/dead-letter-store.ts'
import type { Generation, GenerationRecord, LeftGeneration } from './generation.ts'
import type { ReadModelDefinition, ReadModelDocument } from './read-model-definition.ts'
import type { SlotRange } from './slots.ts'

/**
 * What a store can promise. `exactly-once`: documents and checkpoint in one transaction.
 * `idempotent`: documents guarded by position, then the checkpoint; a crash replays the tail without effect.
 */
export type ConsistencyLevel = 'exactly-once' | 'idempotent'

/**
 * How far a segment of a generation has been filled, and who may go on.
 *
 * A segment is a range of slots with a checkpoint of its own. A generation starts as one segment of all slots;
 * segments are split and merged as workers come and go, and always cover every slot once.
 */
export interface Checkpoint {
  readonly id: string
  readonly slots: SlotRange
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
  /**
   * How many events were applied to it since it was made, or since the snapshot it was made from; 0 of a deleted one, and
   * where that is not known.
   */
  readonly events: number
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

/** Names a version of a document by the position of the event that made it. */
export interface VersionKey {
  readonly id: string
  readonly from: bigint
}

/** A version as stored: valid for positions in `[from, to)`, and for dates in `[fromAt, toAt)`. */
export interface StoredVersion extends VersionKey {
  /** Undefined: it is valid still. */
  readonly to: bigint | undefined
  readonly fromAt: Date
  /** Earliest date of all that came after it; undefined: it is valid still. */
  readonly toAt: Date | undefined
  readonly document: ReadModelDocument
}

/** What one batch makes of one document. */
export interface DocumentWrite {
  readonly model: ReadModelDefinition
  readonly id: string
  /** The document after the batch; undefined deletes it. */
  readonly document: ReadModelDocument | undefined
  /** Position of the last event folded in. */
  readonly position: bigint
  /** How many events were applied to it, those of this batch included. */
  readonly events: number
  /** Position of the stored version this one was folded from; undefined where there was none. */
  readonly previous: bigint | undefined
  /** For models with history: every version the batch made, oldest first. Empty otherwise. */
  readonly versions: readonly DocumentVersion[]
}

/** What one event does to one document by the store's own operators, without the document being read. */
export interface DocumentUpdate {
  readonly model: ReadModelDefinition
  readonly id: string
  /** Update operators in MongoDB's terms, `{ $inc: { count: 1 } }`; a document that is not there is made. */
  readonly update: Readonly<Record<string, unknown>>
  /** Position of the event. */
  readonly position: bigint
}

/** All documents of one batch, what became of events that failed, and the checkpoint behind it. */
export interface ReadModelCommit {
  readonly generation: Generation
  /** At most one write per document. May be empty: then only the checkpoint moves. */
  readonly writes: readonly DocumentWrite[]
  /** Applied one after the other, oldest event first, at most one per event and document. Default none. */
  readonly updates?: readonly DocumentUpdate[]
  /** Letters to put, as {@link DeadLetterStore.put} does. Default none. */
  readonly deadLetters?: readonly DeadLetter[]
  /**
   * Letters to remove, as their events are in the documents now, or somebody gave them up: those are not put again by
   * what comes late of an earlier commit. Default none.
   */
  readonly settled?: readonly DeadLetterId[]
  /**
   * Whether the writes replace what is stored whatever its position, as they were folded from the log anew; they have
   * no versions. Default false.
   */
  readonly isRepair?: boolean
  /** The checkpoint as the runner knows it. */
  readonly from: Checkpoint
  /** Where the checkpoint moves; where it is already when letters alone are settled. */
  readonly position: bigint
}

/** Options of {@link ReadModelStore.create}. */
export interface CreateOptions {
  /** `unique`: those only that refuse documents, as a bulk is faster without the others. Default `all`. */
  readonly indexes?: 'all' | 'unique'
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
   * A switch names what readers leave, and is saved only if nobody took it over or moved it since: so what readers go
   * to is known to have everything they leave. Its epochs are raised in the same step, so that whoever writes it on
   * must take it anew. Without transactions the checkpoints are closed first and the record is saved then; whoever
   * takes one of them in between makes the switch fail.
   *
   * @param left What readers leave. Default: nothing is switched.
   * @throws {GenerationConflictError} Somebody else changed them in between. Nothing was saved.
   * @throws {CheckpointConflictError} Somebody takes care of what would be left. Nothing was saved.
   */
  saveGenerations(
    record: GenerationRecord,
    expectedRevision: number,
    left?: LeftGeneration,
  ): Promise<void>

  /** Creates the collections and indexes of a generation, those that are not there yet. Idempotent. */
  create(
    generation: Generation,
    models: readonly ReadModelDefinition[],
    options?: CreateOptions,
  ): Promise<void>

  /** Drops the collections, histories and the checkpoint of a generation. Idempotent. */
  drop(generation: Generation, models: readonly ReadModelDefinition[]): Promise<void>

  /**
   * Reads how far a generation is, segment by segment in the order of slots, without taking it over. Together
   * they cover every slot once. None: nobody ever took it.
   */
  checkpoints(generation: Generation): Promise<readonly Checkpoint[]>

  /**
   * Takes a segment over for writing: raises the epoch, so that every earlier worker is refused.
   *
   * @param slots Default: all, which opens a generation nobody ever took.
   * @throws {SegmentGoneError} The generation has no segment of exactly these slots (any more).
   */
  takeCheckpoint(generation: Generation, slots?: SlotRange): Promise<Checkpoint>

  /**
   * Makes two segments of one, both at its position, and both with a new epoch. At level `idempotent` a crash may
   * leave the larger segment as well as its upper half: then the larger one counts and the half is as if not there.
   *
   * @throws {CheckpointConflictError} Another worker took over, or the checkpoint is elsewhere.
   */
  split(generation: Generation, checkpoint: Checkpoint): Promise<void>

  /**
   * Makes one segment of two neighbours at the same position, with an epoch above both.
   *
   * @throws {CheckpointConflictError} Another worker took one of them over, or it is elsewhere. Nothing changed.
   */
  merge(generation: Generation, lower: Checkpoint, upper: Checkpoint): Promise<void>

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
   * Lists the current documents of one model, in an order of the store's own that does not change.
   *
   * @param after Id of the last document of the page before. Undefined: from the first.
   * @param limit Most documents of the page; fewer are the last page.
   */
  list(
    generation: Generation,
    model: ReadModelDefinition,
    after: string | undefined,
    limit: number,
  ): Promise<readonly ReadModelDocument[]>

  /**
   * Lists the versions of a model with history, those of deleted documents included: in an order of the store's own that
   * does not change, those of one document from the oldest on.
   *
   * @param after Last version of the page before. Undefined: from the first.
   * @param limit Most versions of the page; fewer are the last page.
   */
  listVersions(
    generation: Generation,
    model: ReadModelDefinition,
    after: VersionKey | undefined,
    limit: number,
  ): Promise<readonly StoredVersion[]>

  /** Loads versions by their keys, in any order. Those that are not there are absent. */
  loadVersions(
    generation: Generation,
    model: ReadModelDefinition,
    keys: readonly VersionKey[],
  ): Promise<readonly StoredVersion[]>

  /**
   * Writes the documents and moves the checkpoint, as one at level `exactly-once`; at level `idempotent`
   * the documents first, each only over an older position, then the checkpoint. Keeps no reference to the
   * documents: the caller goes on changing them once the commit has settled.
   *
   * A document that was deleted by an earlier commit may come back: `previous` is then the deletion's position.
   * Updates are applied each only over an older position, too, and in their order. Letters go with the documents,
   * at level `idempotent` after them and before the checkpoint.
   *
   * @throws {CheckpointConflictError} Another worker took over, or the checkpoint is elsewhere: nothing
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

  /**
   * Tells whether a history still has everything that was valid at a point. False where a version that was valid then
   * may have been dropped, as the model's retention allows.
   */
  reaches(generation: Generation, model: ReadModelDefinition, at: ViewPoint): Promise<boolean>

  /** The events that could not be applied, in the same place as the documents. */
  readonly deadLetters: DeadLetterStore

  /** Waits for commits under way and frees connections. */
  close(): Promise<void>
}
