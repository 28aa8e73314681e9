import type { ReadModelCommit } from '@varve/core'

/**
 * Watches whether versions are recorded one after the other, as they are unless the log's clock goes back.
 *
 * In order, a new version ends exactly one: the one before it, found by its id. Else it may have to end
 * several, which takes a search.
 */
export class RecordingOrder {
  readonly #latest = new Map<string, number>()

  /** Tells whether all versions of a commit come after everything its generation has. */
  holds({ from, writes }: ReadModelCommit): boolean {
    const latest = this.#latest.get(from.id) ?? (from.position === undefined ? -Infinity : Infinity)
    return writes.every(({ versions }) =>
      versions.every(({ recordedAt }) => recordedAt.getTime() >= latest),
    )
  }

  /** Notes a commit that is done. */
  note({ from, writes }: ReadModelCommit): void {
    let latest = this.#latest.get(from.id) ?? -Infinity
    for (const { versions } of writes)
      for (const { recordedAt } of versions) latest = Math.max(latest, recordedAt.getTime())
    this.#latest.set(from.id, latest)
  }
}
