import { hash } from 'node:crypto'
import { idText } from '../environment/id-text.ts'

/** Namespace of event ids: a constant made once for this purpose. */
const namespace = Buffer.from('7c1d3f0e5a8b4e5d9f6a2b1c0d9e8f70', 'hex')
const longestShort = 128
/** The namespace, and room for a short name: three bytes for each character at most. */
const shortName = Buffer.alloc(namespace.length + 3 * longestShort)
namespace.copy(shortName)
const variants = '89ab'

/**
 * Derives the id of a command's event, so that a retry after an unknown outcome sends the same ids.
 *
 * @param index Zero-based place among the command's events.
 * @param content The event's data as text, where the command may come to other events elsewhere: the store takes two
 *   appends with the same ids for the same one, so what differs must not have them. Default: nothing.
 * @returns UUID version 5 of command id, index and content.
 * @see RFC 9562, section 5.5
 */
export function eventIdOf(commandId: string, index: number, content?: string): string {
  const name = content === undefined ? `${commandId}/${index}` : `${commandId}/${index}/${content}`
  const hex = hash('sha1', withNamespace(name))
  const variant = variants.charAt(parseInt(hex.charAt(16), 16) & 0x3)
  return idText(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
  )
}

function withNamespace(name: string): Buffer {
  if (name.length > longestShort) return Buffer.concat([namespace, Buffer.from(name)])
  return shortName.subarray(0, namespace.length + shortName.write(name, namespace.length))
}
