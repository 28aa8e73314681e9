import type { Generation } from '../read-model/generation.ts'
import type { ReadModelDefinition } from '../read-model/read-model-definition.ts'

/** The documents of a read model in one of its generations. */
export interface WatchedReadModel {
  readonly model: ReadModelDefinition
  readonly generation: Generation
}

/** A document was written or deleted. */
export interface DocumentChange {
  readonly kind: 'document'
  /** Physical name, as `collectionName` makes it. */
  readonly collection: string
  readonly id: string
  /** Position of the last event in the document; undefined where it is not known. */
  readonly position: bigint | undefined
}

/** Documents of a collection were written or deleted; which ones is not known. */
export interface CollectionChange {
  readonly kind: 'collection'
  readonly collection: string
}

/** The generations of a projection changed: readers may see another one from now on. */
export interface GenerationChange {
  readonly kind: 'generations'
  readonly projection: string
}

/** Changes may have been missed; those that follow are told again. */
export interface ChangeGap {
  readonly kind: 'gap'
}

/** Something that is in the read models for everybody to see, by this process or another one. */
export type ReadModelChange = DocumentChange | CollectionChange | GenerationChange | ChangeGap

/** Who hears of changes. Neither call may throw. */
export interface ReadModelChangeListener {
  /** Hears of changes in the order of their commits; at least once, and not only of those that were asked for. */
  onChanges(changes: readonly ReadModelChange[]): void
  /** Hears whether changes arrive; while they do not, the watch tries for ever. */
  onState(state: 'live' | 'retrying', error?: unknown): void
}

/** A running watch. */
export interface ReadModelWatch {
  /** How changes get here, for people: `change stream`, `polling`. */
  readonly source: string
  /** Frees what the watch holds; nothing is told afterwards. Idempotent. */
  close(): Promise<void>
}

/** Tells what other processes, and this one, commit to read models. */
export interface ReadModelChanges {
  /**
   * Tells of every change to these read models, and to the generations of their projections, that is committed
   * after the promise is fulfilled. What fails from then on is tried again without end: `retrying`, then either
   * all missed changes or a gap.
   *
   * @returns Undefined: the server cannot tell, so the checkpoints are polled instead.
   * @throws {ReadModelStoreUnavailableError} The server did not answer at the start.
   */
  watch(
    models: readonly WatchedReadModel[],
    listener: ReadModelChangeListener,
  ): Promise<ReadModelWatch | undefined>

  /** Tells whether a query failed because the server was not reached, so that it may succeed later. */
  isUnavailable(error: unknown): boolean
}
