import type { BsonDocument } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import type { ChangeEntry } from '../change-stream/change-entry.ts'
import type { StoredDocument } from '../store/document-rows.ts'
import { OwnDocuments } from '../store/own-documents.ts'
import type { Snapshot } from '../store/version-history.ts'

/** A document a transaction has written: as it was before, and as it is for the transaction. */
export interface OwnWrite {
  readonly collection: Collection
  readonly before: StoredDocument | undefined
  after: StoredDocument | null
}

/** Where a transaction is in its life. */
export type TransactionState = 'in-progress' | 'committing' | 'committed' | 'aborted'

/** An open transaction: its snapshot, and its writes, which are in memory until it commits. */
export class Transaction {
  state: TransactionState = 'in-progress'
  readonly writes = new Map<Collection, Map<string, OwnWrite>>()
  readonly view = new Map<Collection, OwnDocuments>()
  readonly uniqueKeys = new Map<string, number>()
  readonly changes: ChangeEntry[] = []
  readonly created: Collection[] = []
  /** Collections read or written, which must not be dropped or changed meanwhile. */
  readonly touched = new Set<string>()
  readonly startedAt = Date.now()
  /** Resolves when the transaction has committed or aborted. */
  readonly ended: Promise<void>
  readonly #end: () => void

  constructor(
    readonly lsid: BsonDocument,
    readonly txnNumber: bigint,
    readonly snapshot: Snapshot,
  ) {
    const { promise, resolve } = deferred()
    this.ended = promise
    this.#end = resolve
  }

  /** Remembers a write of a document. */
  put(
    collection: Collection,
    key: string,
    before: StoredDocument | undefined,
    after: StoredDocument | null,
  ): void {
    const writes = this.writes.get(collection) ?? new Map<string, OwnWrite>()
    this.writes.set(collection, writes)
    const view = this.view.get(collection) ?? new OwnDocuments()
    this.view.set(collection, view)
    const earlier = writes.get(key)
    if (earlier) earlier.after = after
    else writes.set(key, { collection, before, after })
    view.set(key, after)
  }

  /** Keys of all documents written. */
  *documentKeys(): Generator<string> {
    for (const writes of this.writes.values()) yield* writes.keys()
  }

  /** Marks the end for everybody who waits. */
  finish(state: 'committed' | 'aborted'): void {
    this.state = state
    this.#end()
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
