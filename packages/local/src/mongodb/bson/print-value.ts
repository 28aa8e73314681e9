import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson'
import { isDocument, type BsonDocument, type BsonValue } from './value.ts'

/** Text of a document as the server prints it in messages. */
export function printDocument(document: BsonDocument): string {
  const fields = Object.keys(document).map((name) => `${name}: ${printValue(document[name])}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

/** Text of a value as the server prints it in messages. */
export function printValue(value: BsonValue | undefined): string {
  if (value === undefined) return 'MISSING'
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `[ ${value.map(printValue).join(', ')} ]`
  if (isDocument(value)) return printDocument(value)
  return printLeaf(value)
}

function printLeaf(value: Exclude<BsonValue, null>): string {
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`
  if (value instanceof Double) {
    return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value)
  }
  if (value instanceof Date) return `new Date(${value.getTime()})`
  if (value instanceof Decimal128) return `Decimal128("${value.toString()}")`
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`
  if (value instanceof Binary) {
    const hex = Buffer.from(value.buffer.subarray(0, value.position)).toString('hex').toUpperCase()
    return value.sub_type === 4 && hex.length === 32
      ? `UUID("${hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}")`
      : `BinData(${value.sub_type}, ${hex})`
  }
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`
  if (value instanceof MinKey) return 'MinKey'
  if (value instanceof MaxKey) return 'MaxKey'
  if (value instanceof Code) return `Code(${JSON.stringify(value.code)})`
  if (value instanceof BSONSymbol) return `Symbol(${JSON.stringify(value.value)})`
  return typeof value === 'object' ? 'object' : String(value)
}

/** Text as it is, and any other value as the server prints it. */
export function plainText(value: BsonValue | undefined): string {
  return typeof value === 'string' ? value : printValue(value)
}
