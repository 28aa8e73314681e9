import { type Clock, systemClock } from '../environment/clock.ts'
import type { SubjectKey, SubjectKeyStore } from './subject-key-store.ts'

/** Options of {@link SubjectKeys}. */
export interface SubjectKeysOptions {
  /**
   * How long a key is used without the store being asked again, in milliseconds: how long another process may still
   * read a person who was forgotten. Default 5,000.
   */
  readonly ttlMs?: number
  readonly clock?: Clock
}

interface Known {
  readonly key: SubjectKey
  readonly until: number
}

const mostKnown = 10_000

/** The keys of subjects, kept for a moment. */
export class SubjectKeys {
  readonly #store: SubjectKeyStore
  readonly #ttlMs: number
  readonly #clock: Clock
  readonly #known = new Map<string, Known>()
  /** Raised by forgetting: what was asked before that must not be kept after it. */
  #epoch = 0

  constructor(
    store: SubjectKeyStore,
    { ttlMs = 5_000, clock = systemClock }: SubjectKeysOptions = {},
  ) {
    this.#store = store
    this.#ttlMs = ttlMs
    this.#clock = clock
  }

  /** As {@link SubjectKeyStore.find}. */
  find(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    return this.#look(subjects, (missing) => this.#store.find(missing))
  }

  /** As {@link SubjectKeyStore.obtain}. */
  obtain(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    return this.#look(subjects, (missing) => this.#store.obtain(missing))
  }

  /** As {@link SubjectKeyStore.forget}; at once in this process. */
  async forget(subject: string): Promise<boolean> {
    try {
      return await this.#store.forget(subject)
    } finally {
      // Also where nobody knows whether it was: it may have been.
      this.#epoch += 1
      this.#known.delete(subject)
    }
  }

  async #look(
    subjects: readonly string[],
    ask: (missing: readonly string[]) => Promise<ReadonlyMap<string, SubjectKey>>,
  ): Promise<ReadonlyMap<string, SubjectKey>> {
    const now = this.#clock.now().getTime()
    const keys = new Map<string, SubjectKey>()
    const missing: string[] = []
    for (const subject of new Set(subjects)) {
      const known = this.#known.get(subject)
      if (known && known.until > now) keys.set(subject, known.key)
      else missing.push(subject)
    }
    if (missing.length === 0) return keys
    const epoch = this.#epoch
    const found = await ask(missing)
    if (this.#known.size + missing.length > mostKnown) this.#known.clear()
    for (const [subject, key] of found) {
      if (epoch === this.#epoch) this.#known.set(subject, { key, until: now + this.#ttlMs })
      keys.set(subject, key)
    }
    return keys
  }
}
