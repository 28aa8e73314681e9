const remembered = 10_000

/**
 * Remembers which commits of this process its subscribers know of, so that the change stream does not tell them
 * again. Forgets the oldest: a change that is told twice costs a query and nothing else.
 */
export class ToldPositions {
  readonly #positions = new Map<string, bigint>()

  add(collection: string, id: string, position: bigint): void {
    const key = `${collection}/${id}`
    this.#positions.delete(key)
    this.#positions.set(key, position)
    if (this.#positions.size <= remembered) return
    const [oldest] = this.#positions.keys()
    if (oldest !== undefined) this.#positions.delete(oldest)
  }

  has(collection: string, id: string, position: bigint | undefined): boolean {
    const told = this.#positions.get(`${collection}/${id}`)
    return told !== undefined && position !== undefined && position <= told
  }

  clear(): void {
    this.#positions.clear()
  }
}
