import type { Transaction } from './transaction.ts'

/** The documents and unique keys that open transactions have written, and by which. */
export class LockTable {
  readonly #documents = new Map<string, Transaction>()
  readonly #uniqueKeys = new Map<string, Transaction>()

  holderOfDocument(key: string): Transaction | undefined {
    return this.#documents.get(key)
  }

  lockDocument(key: string, transaction: Transaction): void {
    this.#documents.set(key, transaction)
  }

  holderOfUniqueKey(key: string): Transaction | undefined {
    return this.#uniqueKeys.get(key)
  }

  lockUniqueKey(key: string, transaction: Transaction): void {
    this.#uniqueKeys.set(key, transaction)
  }

  /** True when nothing is locked. */
  get isEmpty(): boolean {
    return this.#documents.size === 0 && this.#uniqueKeys.size === 0
  }

  /** Gives up everything a transaction holds. */
  release(documents: Iterable<string>, uniqueKeys: Iterable<string>): void {
    for (const key of documents) this.#documents.delete(key)
    for (const key of uniqueKeys) this.#uniqueKeys.delete(key)
  }
}
