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
import type { BsonValue } from './value.ts'

/** The type byte of every BSON type, by the alias `$type` takes. */
export const BSON_TYPE = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
} as const

/** The alias of a BSON type. */
export type BsonTypeName = keyof typeof BSON_TYPE

/** The exact BSON type of a value. */
export function typeNameOf(value: BsonValue | undefined): BsonTypeName | 'missing' {
  switch (typeof value) {
    case 'undefined':
      return 'missing'
    case 'number':
      return 'int'
    case 'bigint':
      return 'long'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    default:
      return objectTypeName(value)
  }
}

function objectTypeName(value: object | null): BsonTypeName {
  if (value === null) return 'null'
  if (Object.getPrototypeOf(value) === Object.prototype) return 'object'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Double) return 'double'
  if (value instanceof Date) return 'date'
  if (value instanceof ObjectId) return 'objectId'
  if (value instanceof Binary) return 'binData'
  if (value instanceof Decimal128) return 'decimal'
  if (value instanceof Timestamp) return 'timestamp'
  if (value instanceof BSONRegExp) return 'regex'
  if (value instanceof BSONSymbol) return 'symbol'
  if (value instanceof Code) return value.scope ? 'javascriptWithScope' : 'javascript'
  if (value instanceof MinKey) return 'minKey'
  if (value instanceof MaxKey) return 'maxKey'
  return 'object'
}

/** Place of each type in the comparison order; types with the same place compare by value. */
export const TYPE_ORDER: Record<BsonTypeName | 'missing', number> = {
  minKey: 0x02,
  missing: 0x03,
  undefined: 0x04,
  null: 0x06,
  int: 0x10,
  long: 0x10,
  double: 0x10,
  decimal: 0x10,
  string: 0x20,
  symbol: 0x20,
  object: 0x30,
  array: 0x38,
  binData: 0x40,
  objectId: 0x48,
  bool: 0x50,
  date: 0x58,
  timestamp: 0x60,
  regex: 0x68,
  dbPointer: 0x70,
  javascript: 0x78,
  javascriptWithScope: 0x80,
  maxKey: 0xf0,
}

/** Place of a value's type in the comparison order. */
export function typeOrderOf(value: BsonValue | undefined): number {
  return TYPE_ORDER[typeNameOf(value)]
}
