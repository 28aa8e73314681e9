import { createHash } from 'node:crypto'

/** Namespace of event ids: a constant made once for this purpose. */
const namespace = Buffer.from('7c1d3f0e5a8b4e5d9f6a2b1c0d9e8f70', 'hex')

/**
 * Derives the id of a command's event, so that a retry after an unknown outcome sends the same ids.
 *
 * @param index Zero-based place among the command's events.
 * @returns UUID version 5 of command id and index.
 * @see RFC 9562, section 5.5
 */
export function eventIdOf(commandId: string, index: number): string {
  const hash = createHash('sha1').update(namespace).update(`${commandId}/${index}`).digest()
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
