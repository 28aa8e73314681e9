import type { BsonDocument, BsonValue } from '../bson/value.ts'

/** What happened to a document or a collection. */
export type ChangeOperation =
  | 'insert'
  | 'update'
  | 'replace'
  | 'delete'
  | 'create'
  | 'drop'
  | 'rename'
  | 'dropDatabase'
  | 'createIndexes'
  | 'dropIndexes'
  | 'modify'

/** One change, as the log keeps it. */
export interface ChangeEntry {
  readonly operation: ChangeOperation
  readonly db: string
  readonly collection: string
  /** Id of the collection, as bytes of a UUID. */
  readonly uuid?: Buffer
  /** The `_id` of the document. */
  readonly id?: BsonValue
  /** The document after an insert or replace, as bytes. */
  readonly document?: Buffer
  /** The document before the change, when the collection keeps pre-images. */
  readonly before?: Buffer
  /** The document after an update, when the collection keeps post-images. */
  readonly after?: Buffer
  readonly updateDescription?: BsonDocument
  /** What a change of a collection was about. */
  readonly details?: BsonDocument
  /** How a collection was before a change of its options. */
  readonly stateBefore?: BsonDocument
}

/** The changes of one commit. */
export interface CommittedChanges {
  readonly ts: bigint
  readonly wallTime: Date
  readonly entries: readonly ChangeEntry[]
  /** Session and number of the transaction, if it was one. */
  readonly transaction?: { readonly lsid: BsonDocument; readonly txnNumber: bigint }
}
