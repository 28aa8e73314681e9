import type { StoredDocument } from './document-rows.ts'

/** What a document was before a commit. */
interface Version {
  readonly ts: bigint
  readonly rid: number
  readonly key: Buffer
  /** `undefined` when the document did not exist. */
  readonly before: Buffer | undefined
}

/** A moment whose documents stay readable while it is held. */
export interface Snapshot {
  readonly ts: bigint
}

/** Older versions of documents, kept in memory as long as an open snapshot needs them. */
export class VersionHistory {
  readonly #snapshots = new Set<Snapshot>()
  readonly #collections = new Map<number, Map<string, Version[]>>()
  readonly #order: { readonly ts: bigint; readonly collection: number; readonly key: string }[] = []
  #pruned = 0

  /** Holds a moment until it is released. */
  hold(ts: bigint): Snapshot {
    const snapshot = { ts }
    this.#snapshots.add(snapshot)
    return snapshot
  }

  release(snapshot: Snapshot): void {
    this.#snapshots.delete(snapshot)
    this.#prune()
  }

  /** False when nobody needs older versions. */
  get isNeeded(): boolean {
    return this.#snapshots.size > 0
  }

  /** Keeps what a document was before the commit at `ts`. */
  record(
    collection: number,
    key: Buffer,
    rid: number,
    before: Buffer | undefined,
    ts: bigint,
  ): void {
    if (!this.isNeeded) return
    const documents = this.#collections.get(collection) ?? new Map<string, Version[]>()
    this.#collections.set(collection, documents)
    const text = key.toString('latin1')
    const versions = documents.get(text) ?? []
    documents.set(text, versions)
    versions.push({ ts, rid, key, before })
    this.#order.push({ ts, collection, key: text })
  }

  /** True when a document was committed after a moment. */
  isNewer(collection: number, key: string, ts: bigint): boolean {
    const versions = this.#collections.get(collection)?.get(key)
    const last = versions?.[versions.length - 1]
    return last !== undefined && last.ts > ts
  }

  /**
   * A document as it was at a moment.
   *
   * @returns `null` when it did not exist then, `undefined` when it has not changed since.
   */
  at(collection: number, key: string, ts: bigint): StoredDocument | null | undefined {
    return visible(this.#collections.get(collection)?.get(key), ts)
  }

  /** Every document of a collection that changed after a moment, as it was then. */
  *changedSince(collection: number, ts: bigint): Generator<[string, StoredDocument | null]> {
    for (const [key, versions] of this.#collections.get(collection) ?? []) {
      const then = visible(versions, ts)
      if (then !== undefined) yield [key, then]
    }
  }

  #prune(): void {
    if (this.#snapshots.size === 0) {
      this.#collections.clear()
      this.#order.length = 0
      this.#pruned = 0
      return
    }
    let oldest: bigint | undefined
    for (const { ts } of this.#snapshots) if (oldest === undefined || ts < oldest) oldest = ts
    while (this.#pruned < this.#order.length) {
      const next = this.#order[this.#pruned]
      if (!next || oldest === undefined || next.ts > oldest) break
      this.#drop(next.collection, next.key)
      this.#pruned += 1
    }
    if (this.#pruned > 1024) {
      this.#order.splice(0, this.#pruned)
      this.#pruned = 0
    }
  }

  #drop(collection: number, key: string): void {
    const documents = this.#collections.get(collection)
    const versions = documents?.get(key)
    versions?.shift()
    if (versions?.length === 0) documents?.delete(key)
  }
}

function visible(versions: Version[] | undefined, ts: bigint): StoredDocument | null | undefined {
  const next = versions?.find((version) => version.ts > ts)
  if (!next) return undefined
  return next.before ? { rid: next.rid, key: next.key, bytes: next.before } : null
}
