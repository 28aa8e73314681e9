import { hash } from 'node:crypto'
import { UnserializablePayloadError } from '../serialization/serialization-errors.ts'

const deepest = 200
/** What ends a text within a list or an object. Texts without are written as they are: digests are stored, and must not change. */
const ends = /[,\]}]/

/**
 * Tells commands with the same id apart: equal for equal contents, whatever the order of their properties.
 *
 * @throws {UnserializablePayloadError} It refers back to what it is in.
 */
export function digestOf(command: unknown): string {
  return hash('sha1', textOf(command, 0)).slice(0, 16)
}

function textOf(value: unknown, depth: number): string {
  if (typeof value === 'string' && ends.test(value)) return `text:${JSON.stringify(value)}`
  if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)}`
  if (value instanceof Date) return `date:${value.getTime()}`
  if (ArrayBuffer.isView(value))
    return `bytes:${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`
  if (depth > deepest)
    throw new UnserializablePayloadError(
      'The command',
      '',
      `nested over ${deepest} levels deep`,
      'Is it a cycle?',
    )
  if (Array.isArray(value) || value instanceof Set)
    return `[${Array.from(value, (item: unknown) => textOf(item, depth + 1)).join(',')}]`
  const members: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  return `{${members
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(String(key))}:${textOf(member, depth + 1)}`)
    .sort()
    .join(',')}}`
}
