import type { RawDocument } from '../bson/raw-document.ts'
import type { EncodableDocument } from '../bson/encode.ts'
import { isDocument, type BsonDocument } from '../bson/value.ts'
import type { MongoServer } from '../server/mongo-server.ts'
import type { Session } from '../session/session.ts'
import type { ReadView } from '../store/read-view.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { ClientConnection } from '../wire/client-connection.ts'
import type { FieldSpecs } from './command-fields.ts'

/** Everything a command works with. */
export interface CommandContext {
  readonly server: MongoServer
  readonly connection: ClientConnection
  readonly name: string
  readonly db: string
  readonly body: BsonDocument
  readonly sequences: ReadonlyMap<string, readonly RawDocument[]>
  readonly session: Session | undefined
  /** The open transaction the command belongs to. */
  readonly transaction: Transaction | undefined
  /** The number of a retryable write outside of transactions. */
  readonly retryNumber: bigint | undefined
  /** What the command reads: the latest documents, a transaction's or a snapshot's. */
  readonly view: ReadView
}

/** A command of the server. */
export interface Command {
  /** Answers; `ok` and the times are added by the caller. */
  readonly run: (context: CommandContext) => Promise<EncodableDocument> | EncodableDocument
  /** True when it may run in a transaction. */
  readonly inTransaction?: boolean
  /** True for statements on documents, which clients may retry under a number. */
  readonly writes?: boolean
  /** True when it changes collections or indexes. */
  readonly changesCatalog?: boolean
  /** True for `commitTransaction` and `abortTransaction`. */
  readonly endsTransaction?: boolean
  /** Levels of read concern above `local` it has outside of transactions. */
  readonly readConcerns?: readonly string[]
  /** Fields the command knows; others are refused. Absent: not checked. */
  readonly fields?: FieldSpecs
  /** Name its fields have in messages; its own name by default. */
  readonly subject?: string
}

/** Levels of read concern of the commands that read documents. */
export const READ_CONCERNS = ['available', 'majority', 'linearizable', 'snapshot'] as const

/** True for a pipeline that ends by writing to a collection. */
export function writesOutput(body: BsonDocument): boolean {
  const { pipeline } = body
  const last = Array.isArray(pipeline) ? pipeline[pipeline.length - 1] : undefined
  return isDocument(last) && ('$out' in last || '$merge' in last)
}
