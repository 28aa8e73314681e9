import { hkdfSync } from 'node:crypto'
import { InvalidMasterKeyError } from './privacy-errors.ts'
import type { SubjectKey, SubjectKeyStore } from './subject-key-store.ts'

const keyBytes = 32

/**
 * Reads a master key.
 *
 * @param text 32 random bytes as base64, as `openssl rand -base64 32` makes them.
 * @throws {InvalidMasterKeyError} It is something else.
 */
export function masterKeyOf(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== keyBytes || bytes.toString('base64') !== text.trim())
    throw new InvalidMasterKeyError(bytes.length)
  return new Uint8Array(bytes)
}

/**
 * Keys that are made of what a store keeps and of a master key, which no store has: whoever has the log and all
 * backups of the key store reads nothing without it. What was sealed without the master key, or with another one, does
 * not open with this one.
 */
export function withMasterKey(store: SubjectKeyStore, masterKey: Uint8Array): SubjectKeyStore {
  const mix = (kept: ReadonlyMap<string, SubjectKey>): ReadonlyMap<string, SubjectKey> =>
    new Map([...kept].map(([subject, key]) => [subject, mixed(key, masterKey)]))
  return {
    find: async (subjects) => mix(await store.find(subjects)),
    obtain: async (subjects) => mix(await store.obtain(subjects)),
    forget: (subject) => store.forget(subject),
  }
}

function mixed(key: SubjectKey, masterKey: Uint8Array): SubjectKey {
  if (key === 'forgotten') return key
  return new Uint8Array(hkdfSync('sha256', key, masterKey, 'varve subject key', keyBytes))
}
