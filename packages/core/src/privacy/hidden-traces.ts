import { createHmac } from 'node:crypto'
import type { EventMetadata } from '../event-store/recorded-event.ts'
import { seal, unseal } from './seal.ts'

/**
 * Hides an id that is made of an event's contents: whoever guesses the contents could tell by it that they guessed
 * right, even after the subject is forgotten. The same for the same id and key, so that the log still knows an event
 * that is sent again.
 *
 * @returns UUID version 8.
 */
export function hiddenId(id: string, key: Uint8Array): string {
  const hex = createHmac('sha256', key).update(id).digest('hex')
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Seals the digest of a command's payload, for the same reason; without a key it is left out. */
export function hideDigest(
  { commandDigest, ...metadata }: EventMetadata,
  id: string,
  key: Uint8Array | undefined,
): EventMetadata {
  if (commandDigest === undefined || !key) return metadata
  return { ...metadata, commandDigest: seal(key, commandDigest, aboutOf(id)) }
}

/** Opens what {@link hideDigest} sealed; without the key there is no digest. */
export function showDigest(
  { commandDigest, ...metadata }: EventMetadata,
  id: string,
  key: Uint8Array | undefined,
): EventMetadata {
  const shown = key && commandDigest !== undefined && unseal(key, commandDigest, aboutOf(id))
  return shown === undefined || shown === false ? metadata : { ...metadata, commandDigest: shown }
}

function aboutOf(id: string): string {
  return JSON.stringify(['commandDigest', id])
}
