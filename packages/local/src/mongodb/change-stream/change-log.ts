import { Binary } from 'bson'
import type { LocalStorage, Statement } from '../../storage/local-storage.ts'
import { decodeDocument } from '../bson/decode.ts'
import { encodeDocument, type EncodableDocument } from '../bson/encode.ts'
import { RawDocument } from '../bson/raw-document.ts'
import type { BsonDocument, BsonValue } from '../bson/value.ts'
import type { ChangeEntry, ChangeOperation, CommittedChanges } from './change-entry.ts'

/** Bytes of changes that stay readable for change streams. */
const MAX_LOG_BYTES = 64 * 1024 * 1024

type ChangeRow = [Buffer, Buffer, number]

/** The changes of all commits in order, for change streams. Bounded: the oldest are dropped. */
export class ChangeLog {
  readonly #insert: Statement
  readonly #after: Statement
  readonly #oldest: Statement
  readonly #trim: Statement
  readonly #before: Statement
  #sequence: number
  #bytes: number
  #waiting: (() => void)[] = []

  constructor(storage: LocalStorage) {
    this.#insert = storage.prepare(
      'INSERT INTO mongo_change (seq, ts, size, entries) VALUES (?, ?, ?, ?)',
    )
    this.#after = storage
      .prepare('SELECT ts, entries, seq FROM mongo_change WHERE seq > ? ORDER BY seq LIMIT 100')
      .raw()
    this.#oldest = storage
      .prepare('SELECT ts, size, seq FROM mongo_change ORDER BY seq LIMIT 1')
      .raw()
    this.#trim = storage.prepare('DELETE FROM mongo_change WHERE seq = ?')
    this.#before = storage
      .prepare('SELECT coalesce(max(seq), 0) FROM mongo_change WHERE ts < ?')
      .raw()
    const totals = storage
      .prepare('SELECT coalesce(max(seq), 0), coalesce(sum(size), 0) FROM mongo_change')
      .raw()
    ;[this.#sequence, this.#bytes] = totals.get([]) as [number, number]
  }

  /** The newest commit time ever logged. */
  static lastTime(storage: LocalStorage): bigint {
    const last = storage.prepare('SELECT ts FROM mongo_change ORDER BY seq DESC LIMIT 1').raw()
    const row = last.get([]) as [Buffer] | undefined
    return row ? row[0].readBigUInt64BE() : 0n
  }

  /** Number of the newest commit. */
  get sequence(): number {
    return this.#sequence
  }

  /** True when commits after a time may have been dropped already. */
  isLost(ts: bigint): boolean {
    const row = this.#oldest.get([]) as [Buffer, number, number] | undefined
    return row !== undefined && row[2] > 1 && row[0].readBigUInt64BE() > ts
  }

  /** Number of the last commit before a time. */
  sequenceBefore(ts: bigint): number {
    return (this.#before.get([timeBytes(ts)]) as [number])[0]
  }

  /** Adds the changes of a commit. Runs inside a storage job. */
  append(changes: CommittedChanges): void {
    const entries = encodeDocument({
      wallTime: changes.wallTime,
      ...(changes.transaction
        ? { lsid: changes.transaction.lsid, txnNumber: changes.transaction.txnNumber }
        : {}),
      entries: changes.entries.map(encodeEntry),
    })
    this.#sequence += 1
    this.#insert.run([this.#sequence, timeBytes(changes.ts), entries.length, entries])
    this.#bytes += entries.length
    while (this.#bytes > MAX_LOG_BYTES) if (!this.#dropOldest()) break
    const waiting = this.#waiting
    this.#waiting = []
    // Readers look once the commit is on disk.
    if (waiting.length > 0) setImmediate(() => waiting.forEach((wake) => wake()))
  }

  /** The commits after a sequence number, at most a hundred, with their own numbers. */
  after(sequence: number): { readonly sequence: number; readonly changes: CommittedChanges }[] {
    return (this.#after.all([sequence]) as ChangeRow[]).map(([ts, bytes, seq]) => ({
      sequence: seq,
      changes: decodeChanges(ts.readBigUInt64BE(), bytes),
    }))
  }

  /** Calls back once after the next commit. Returns how to stop waiting. */
  onAppend(wake: () => void): () => void {
    this.#waiting.push(wake)
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== wake)
    }
  }

  /** Resolves after the next commit, or when time is up or the client is gone. */
  async waitForAppend(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        stop()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      const stop = this.onAppend(done)
      signal.addEventListener('abort', done)
    })
  }

  #dropOldest(): boolean {
    const row = this.#oldest.get([]) as [Buffer, number, number] | undefined
    if (!row || row[2] === this.#sequence) return false
    this.#trim.run([row[2]])
    this.#bytes -= row[1]
    return true
  }
}

function timeBytes(ts: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(ts)
  return bytes
}

function encodeEntry(entry: ChangeEntry): EncodableDocument {
  return {
    o: entry.operation,
    d: entry.db,
    c: entry.collection,
    ...(entry.uuid ? { u: new Binary(entry.uuid, 4) } : {}),
    ...(entry.id === undefined ? {} : { i: entry.id }),
    ...(entry.document ? { f: new RawDocument(entry.document) } : {}),
    ...(entry.before ? { b: new RawDocument(entry.before) } : {}),
    ...(entry.after ? { a: new RawDocument(entry.after) } : {}),
    ...(entry.updateDescription ? { x: entry.updateDescription } : {}),
    ...(entry.details ? { y: entry.details } : {}),
    ...(entry.stateBefore ? { z: entry.stateBefore } : {}),
  }
}

function decodeChanges(ts: bigint, bytes: Buffer): CommittedChanges {
  const { wallTime, lsid, txnNumber, entries } = decodeDocument(bytes)
  return {
    ts,
    wallTime: wallTime as Date,
    entries: (entries as BsonDocument[]).map(decodeEntry),
    ...(typeof txnNumber === 'bigint'
      ? { transaction: { lsid: lsid as BsonDocument, txnNumber } }
      : {}),
  }
}

function decodeEntry(stored: BsonDocument): ChangeEntry {
  const bytes = (value: BsonValue | undefined) => encodeDocument(value as BsonDocument)
  return {
    operation: stored['o'] as ChangeOperation,
    db: stored['d'] as string,
    collection: stored['c'] as string,
    ...(stored['u'] instanceof Binary ? { uuid: Buffer.from(stored['u'].buffer) } : {}),
    ...(stored['i'] === undefined ? {} : { id: stored['i'] }),
    ...(stored['f'] === undefined ? {} : { document: bytes(stored['f']) }),
    ...(stored['b'] === undefined ? {} : { before: bytes(stored['b']) }),
    ...(stored['a'] === undefined ? {} : { after: bytes(stored['a']) }),
    ...(stored['x'] === undefined ? {} : { updateDescription: stored['x'] as BsonDocument }),
    ...(stored['y'] === undefined ? {} : { details: stored['y'] as BsonDocument }),
    ...(stored['z'] === undefined ? {} : { stateBefore: stored['z'] as BsonDocument }),
  }
}
