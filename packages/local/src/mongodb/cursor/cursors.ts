import { randomBytes } from 'node:crypto'
import type { BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Transaction } from '../transaction/transaction.ts'

/** Bytes of documents in one batch. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024

/** Cursors nobody asked for more are closed after this time. */
const IDLE_MS = 10 * 60 * 1000

/** What a cursor reads from. */
export interface CursorSource {
  /** The next document as bytes, or undefined at the end. */
  next(): Buffer | undefined
  /** True when it is known, without looking for more, that nothing follows. */
  atEnd?(): boolean
  /** Reads what is left into memory: a snapshot does not outlive the command. */
  drain?(): void
  /** Waits for more, for cursors that follow changes. */
  waitForMore?(milliseconds: number, signal: AbortSignal): Promise<void>
  /** True when the cursor stays open at the end. */
  readonly tailable?: boolean
  /** True for a change stream. */
  readonly followsChanges?: boolean
  /** More fields of the cursor document, for example a resume token. */
  extra?(): Record<string, BsonValue>
  close?(): void
}

/** An open cursor. */
export interface Cursor {
  readonly id: bigint
  readonly ns: string
  readonly source: CursorSource
  readonly transaction: Transaction | undefined
  /** The session that opened it. */
  readonly sessionKey: string | undefined
  lookahead: Buffer | undefined
  lastUsed: number
}

/** Documents of one answer. */
export interface Batch {
  readonly documents: Buffer[]
  readonly done: boolean
}

/** The open cursors of a server. */
export class Cursors {
  readonly #cursors = new Map<bigint, Cursor>()

  /** Opens a cursor; it is known by its id until it is closed. */
  open(
    ns: string,
    source: CursorSource,
    owner: {
      readonly transaction: Transaction | undefined
      readonly sessionKey: string | undefined
    },
  ): Cursor {
    const id = randomBytes(8).readBigUInt64BE() >> 1n
    const cursor: Cursor = { id, ns, source, ...owner, lookahead: undefined, lastUsed: Date.now() }
    this.#cursors.set(id, cursor)
    return cursor
  }

  /**
   * Finds an open cursor.
   *
   * @throws {ServerError} It is not known, or over another namespace.
   */
  find(id: bigint, ns: string): Cursor {
    const cursor = this.#cursors.get(id)
    if (!cursor) throw new ServerError('CursorNotFound', `cursor id ${id} not found`)
    if (cursor.ns !== ns) {
      throw new ServerError(
        'Unauthorized',
        `Requested getMore on namespace '${ns}', but cursor belongs to a different namespace ${cursor.ns}`,
      )
    }
    cursor.lastUsed = Date.now()
    return cursor
  }

  /** Closes a cursor; false when it is not known. */
  close(id: bigint): boolean {
    const cursor = this.#cursors.get(id)
    cursor?.source.close?.()
    return this.#cursors.delete(id)
  }

  /** Closes the cursors that pass a test. */
  closeWhere(test: (cursor: Cursor) => boolean): void {
    for (const cursor of this.#cursors.values()) if (test(cursor)) this.close(cursor.id)
  }

  /** Closes cursors that nobody uses. */
  expire(now: number): void {
    this.closeWhere((cursor) => now - cursor.lastUsed > IDLE_MS && !cursor.transaction)
  }

  get size(): number {
    return this.#cursors.size
  }
}

/** Takes the next documents of a source, up to a number and 16 MB. */
export function takeBatch(cursor: Pick<Cursor, 'source' | 'lookahead'>, size: number): Batch {
  const documents: Buffer[] = []
  let bytes = 0
  while (documents.length < size) {
    const document = cursor.lookahead ?? cursor.source.next()
    cursor.lookahead = undefined
    if (!document) return { documents, done: cursor.source.tailable !== true }
    bytes += document.length
    if (documents.length > 0 && bytes > MAX_BATCH_BYTES) {
      cursor.lookahead = document
      break
    }
    documents.push(document)
  }
  const ended = documents.length > 0 && !cursor.lookahead && cursor.source.atEnd?.() === true
  return { documents, done: ended }
}

/**
 * A source over documents as bytes.
 *
 * @param limit Number of documents after which nothing follows; `'known'` when the documents are at
 * hand and their end is seen in advance. As with the server, other cursors notice their end only
 * when they are asked for more.
 */
export function iterableSource(
  documents: Iterable<Buffer>,
  limit: number | 'known' = Infinity,
): CursorSource {
  let iterator = documents[Symbol.iterator]()
  let peeked: IteratorResult<Buffer, unknown> | undefined
  let taken = 0
  const next = (): Buffer | undefined => {
    const step = peeked ?? iterator.next()
    peeked = undefined
    if (step.done === true) return undefined
    taken += 1
    return step.value
  }
  return {
    next,
    atEnd: () => {
      if (limit !== 'known') return taken >= limit
      peeked ??= iterator.next()
      return peeked.done === true
    },
    drain: () => {
      const rest: Buffer[] = []
      for (let document = next(); document; document = next()) {
        rest.push(document)
        taken -= 1
      }
      iterator = rest[Symbol.iterator]()
    },
    close: () => void iterator.return?.(),
  }
}
