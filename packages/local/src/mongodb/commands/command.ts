import type { RawDocument } from '../bson/raw-document.ts'
import type { EncodableDocument } from '../bson/encode.ts'
import type { BsonDocument } from '../bson/value.ts'
import type { MongoServer } from '../server/mongo-server.ts'
import type { Session } from '../session/session.ts'
import type { ReadView } from '../store/read-view.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { ClientConnection } from '../wire/client-connection.ts'

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
  /** True when it goes without the collection being unlocked by transactions first. */
  readonly writes?: boolean
  /** Fields the command knows; others are refused. Absent: not checked. */
  readonly fields?: ReadonlySet<string>
}
