import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

/**
 * Encrypts a text by AES-256-GCM, with an initialisation vector of its own.
 *
 * @param about Authenticated with it: what was sealed about something else does not open.
 * @returns Vector, tag and cipher as base64.
 */
export function seal(key: Uint8Array, text: string, about: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, key, iv)
  cipher.setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
}

/** Decrypts what {@link seal} made; undefined: it was changed, or sealed with another key or about something else. */
export function unseal(key: Uint8Array, sealed: string, about: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes.length < ivBytes + tagBytes) return undefined
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes))
  decipher.setAAD(Buffer.from(about))
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  try {
    const start = decipher.update(bytes.subarray(ivBytes + tagBytes))
    return Buffer.concat([start, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** Deriving takes as long as sealing several fields, and most events are about one subject. */
const derived = new WeakMap<Uint8Array, Uint8Array>()

/** Makes one key of several: without one of them, it cannot be made again. */
export function jointKey(keys: readonly Uint8Array[]): Uint8Array {
  const [only] = keys
  if (keys.length !== 1 || !only) return derive(keys)
  const known = derived.get(only) ?? derive(keys)
  derived.set(only, known)
  return known
}

function derive(keys: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', Buffer.concat(keys), '', 'varve joint key', 32))
}
