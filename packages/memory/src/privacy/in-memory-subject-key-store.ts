import { randomBytes } from 'node:crypto'
import type { SubjectKey, SubjectKeyStore } from '@varve/core'

const keyBytes = 32

/** Keys of subjects in memory. */
export class InMemorySubjectKeyStore implements SubjectKeyStore {
  readonly #keys = new Map<string, SubjectKey>()

  async find(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    return this.#known(subjects)
  }

  async obtain(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    for (const subject of subjects)
      if (!this.#keys.has(subject)) this.#keys.set(subject, new Uint8Array(randomBytes(keyBytes)))
    return this.#known(subjects)
  }

  async forget(subject: string): Promise<boolean> {
    const before = this.#keys.get(subject)
    this.#keys.set(subject, 'forgotten')
    return before !== undefined && before !== 'forgotten'
  }

  #known(subjects: readonly string[]): ReadonlyMap<string, SubjectKey> {
    const found = new Map<string, SubjectKey>()
    for (const subject of subjects) {
      const key = this.#keys.get(subject)
      if (key !== undefined) found.set(subject, key === 'forgotten' ? key : key.slice())
    }
    return found
  }
}
