import { hash } from 'node:crypto'

/** Tells commands with the same id apart: equal for equal contents, whatever the order of their properties. */
export function digestOf(command: unknown): string {
  return hash('sha1', textOf(command)).slice(0, 16)
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)}`
  if (value instanceof Date) return `date:${value.getTime()}`
  if (ArrayBuffer.isView(value))
    return `bytes:${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`
  if (Array.isArray(value) || value instanceof Set)
    return `[${Array.from(value, (item: unknown) => textOf(item)).join(',')}]`
  const members: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  return `{${members
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(String(key))}:${textOf(member)}`)
    .sort()
    .join(',')}}`
}
