import type { LocalStorage, Statement } from '../../storage/local-storage.ts'
import { decodeDocument } from '../bson/decode.ts'
import { encodeDocument, type EncodableDocument } from '../bson/encode.ts'
import { isDocument, type BsonDocument } from '../bson/value.ts'
import { Session, sessionKey, type StatementResult } from './session.ts'

/** Sessions without use are forgotten after this time, as `logicalSessionTimeoutMinutes` says. */
export const SESSION_TIMEOUT_MS = 30 * 60 * 1000

/** The known sessions; what retries need of them is in the file. */
export class Sessions {
  readonly #sessions = new Map<string, Session>()
  readonly #load: Statement
  readonly #save: Statement
  readonly #delete: Statement
  readonly #expire: Statement

  constructor(storage: LocalStorage) {
    this.#load = storage.prepare('SELECT state FROM mongo_session WHERE id = ?').raw()
    this.#save = storage.prepare(
      'INSERT OR REPLACE INTO mongo_session (id, at, state) VALUES (?, ?, ?)',
    )
    this.#delete = storage.prepare('DELETE FROM mongo_session WHERE id = ?')
    this.#expire = storage.prepare('DELETE FROM mongo_session WHERE at < ?')
  }

  /** The session of an `lsid`, from memory or the file. */
  get(lsid: BsonDocument): Session {
    const key = sessionKey(lsid)
    let session = this.#sessions.get(key)
    if (!session) {
      session = new Session(key, lsid)
      this.#restore(session)
      this.#sessions.set(key, session)
    }
    session.lastUsed = Date.now()
    return session
  }

  /** Every session in memory. */
  all(): Iterable<Session> {
    return this.#sessions.values()
  }

  /** Stores what a retry needs. Runs inside a storage job. */
  save(session: Session): void {
    const state = encodeDocument({
      txnNumber: session.txnNumber,
      ...(session.ended ? { ended: session.ended } : {}),
      statements: [...session.statements.values()].map(encodeStatement),
    })
    this.#save.run([session.key, Date.now(), state])
  }

  /** Forgets a session that its client has ended. */
  end(session: Session): void {
    this.#sessions.delete(session.key)
  }

  /** Removes a session's record. Runs inside a storage job. */
  erase(session: Session): void {
    this.#delete.run([session.key])
  }

  /** Forgets sessions that were not used for long. Runs inside a storage job. */
  expire(now: number): void {
    this.#expire.run([now - SESSION_TIMEOUT_MS])
    for (const session of this.#sessions.values()) {
      const idle = session.lastUsed < now - SESSION_TIMEOUT_MS
      if (idle && session.transaction?.state !== 'in-progress') this.#sessions.delete(session.key)
    }
  }

  #restore(session: Session): void {
    const row = this.#load.get([session.key]) as [Buffer] | undefined
    if (!row) return
    const { txnNumber, ended, statements } = decodeDocument(row[0])
    if (typeof txnNumber === 'bigint') session.advance(txnNumber)
    if (ended === 'committed' || ended === 'aborted') session.ended = ended
    for (const stored of statements as BsonDocument[]) {
      const statement = decodeStatement(stored)
      session.statements.set(statement.stmtId, statement)
    }
  }
}

function encodeStatement(statement: StatementResult): EncodableDocument {
  return {
    stmtId: statement.stmtId,
    n: statement.n,
    nModified: statement.nModified,
    ...(statement.upserted === undefined ? {} : { upserted: statement.upserted }),
    ...(statement.reply ? { reply: statement.reply } : {}),
  }
}

function decodeStatement(stored: BsonDocument): StatementResult {
  const { upserted, reply } = stored
  return {
    stmtId: Number(stored['stmtId']),
    n: Number(stored['n']),
    nModified: Number(stored['nModified']),
    ...(upserted === undefined ? {} : { upserted }),
    ...(isDocument(reply) ? { reply } : {}),
  }
}
