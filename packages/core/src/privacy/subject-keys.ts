import { type Clock, systemClock } from '../environment/clock.ts'
import type { SubjectKeyStore } from './subject-key-store.ts'

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
  /** Undefined: there is none. */
  readonly key: Uint8Array | undefined
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
  find(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#look(subjects, (missing) => this.#store.find(missing), false)
  }

  /** As {@link SubjectKeyStore.obtain}. */
  obtain(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#look(subjects, (missing) => this.#store.obtain(missing), true)
  }

  /** As {@link SubjectKeyStore.forget}; at once in this process. */
  async forget(subject: string): Promise<boolean> {
    const wasKnown = await this.#store.forget(subject)
    this.#epoch += 1
    this.#known.delete(subject)
    return wasKnown
  }

  async #look(
    subjects: readonly string[],
    ask: (missing: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>,
    isNeeded: boolean,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const now = this.#clock.now().getTime()
    const keys = new Map<string, Uint8Array>()
    const missing: string[] = []
    for (const subject of new Set(subjects)) {
      const known = this.#known.get(subject)
      const isFresh = known !== undefined && known.until > now && (!isNeeded || known.key)
      if (!isFresh) missing.push(subject)
      else if (known.key) keys.set(subject, known.key)
    }
    if (missing.length === 0) return keys
    const epoch = this.#epoch
    const found = await ask(missing)
    if (this.#known.size + missing.length > mostKnown) this.#known.clear()
    for (const subject of missing) {
      const key = found.get(subject)
      if (epoch === this.#epoch) this.#known.set(subject, { key, until: now + this.#ttlMs })
      if (key) keys.set(subject, key)
    }
    return keys
  }
}
