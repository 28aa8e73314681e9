import { randomBytes } from 'node:crypto'
import type { SubjectKeyStore } from '@varve/core'

const keyBytes = 32

/** Keys of subjects in memory. */
export class InMemorySubjectKeyStore implements SubjectKeyStore {
  /** Undefined: forgotten. */
  readonly #keys = new Map<string, Uint8Array | undefined>()

  async find(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#known(subjects)
  }

  async obtain(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    for (const subject of subjects)
      if (!this.#keys.has(subject)) this.#keys.set(subject, new Uint8Array(randomBytes(keyBytes)))
    return this.#known(subjects)
  }

  async forget(subject: string): Promise<boolean> {
    const hadKey = this.#keys.get(subject) !== undefined
    this.#keys.set(subject, undefined)
    return hadKey
  }

  #known(subjects: readonly string[]): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>()
    for (const subject of subjects) {
      const key = this.#keys.get(subject)
      if (key) found.set(subject, key.slice())
    }
    return found
  }
}
