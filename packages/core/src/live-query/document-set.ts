/** Documents of some read models: by id, or all of a model. */
export class DocumentSet {
  readonly #models = new Map<string, Set<string> | 'all'>()

  get isEmpty(): boolean {
    return this.#models.size === 0
  }

  /** @param ids Undefined: all of the model. */
  add(model: string, ids: Iterable<string> | undefined): void {
    const found = this.#models.get(model)
    if (found === 'all') return
    if (ids === undefined) this.#models.set(model, 'all')
    else if (found) for (const id of ids) found.add(id)
    else this.#models.set(model, new Set(ids))
  }

  addAll(other: DocumentSet): void {
    for (const [model, ids] of other.#models) this.add(model, ids === 'all' ? undefined : ids)
  }

  /** Tells whether any document is in both. */
  meets(other: DocumentSet): boolean {
    for (const [model, own] of this.#models) {
      const others = other.#models.get(model)
      if (others !== undefined && overlap(own, others)) return true
    }
    return false
  }
}

function overlap(one: Set<string> | 'all', other: Set<string> | 'all'): boolean {
  if (one === 'all') return other === 'all' || other.size > 0
  if (other === 'all') return one.size > 0
  const [few, many] = one.size < other.size ? [one, other] : [other, one]
  for (const id of few) if (many.has(id)) return true
  return false
}
