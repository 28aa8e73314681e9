/** Bytes of a value as BSON, without its own type and name. */
export function bsonBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return 5 + Buffer.byteLength(value)
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 4 : 8
    case 'bigint':
      return 8
    case 'boolean':
      return 1
    case 'object':
      return value === null ? 0 : objectBytes(value)
    default:
      return 0
  }
}

function objectBytes(value: object): number {
  if (value instanceof Date) return 8
  if (value instanceof Uint8Array) return 5 + value.length
  return Object.entries(value).reduce(
    (sum, [key, member]) => sum + 2 + Buffer.byteLength(key) + bsonBytes(member),
    5,
  )
}
