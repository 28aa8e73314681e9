import {
  Decimal128,
  Double,
  ObjectId,
  Timestamp,
  type Binary,
  type BSONRegExp,
  type BSONSymbol,
  type Code,
  type MaxKey,
  type MinKey,
} from 'bson'

/**
 * A BSON value in memory, with its exact type.
 *
 * A JavaScript `number` is always an int32, a `bigint` an int64, and every double is a `Double`:
 * a document that is read and written back keeps its bytes.
 */
export type BsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Double
  | Decimal128
  | Date
  | ObjectId
  | Binary
  | Timestamp
  | BSONRegExp
  | BSONSymbol
  | Code
  | MinKey
  | MaxKey
  | BsonDocument
  | BsonValue[]

/** A document; fields keep their order. A field that is missing reads as `undefined`. */
export interface BsonDocument {
  [field: string]: BsonValue | undefined
}

/** Any of the four numeric BSON types. */
export type BsonNumber = number | bigint | Double | Decimal128

/** Tells embedded documents from every other value. */
export function isDocument(value: unknown): value is BsonDocument {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

/** Reads an own field; inherited names such as `constructor` are missing. */
export function fieldOf(document: BsonDocument, name: string): BsonValue | undefined {
  return Object.hasOwn(document, name) ? document[name] : undefined
}

/** Sets a field, also one called `__proto__`. */
export function setField(document: BsonDocument, name: string, value: BsonValue): void {
  if (name === '__proto__') {
    const property = { value, writable: true, enumerable: true, configurable: true }
    Object.defineProperty(document, name, property)
  } else document[name] = value
}

/** Tells the four numeric types from every other value. */
export function isNumeric(value: unknown): value is BsonNumber {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Double ||
    value instanceof Decimal128
  )
}

/** The nearest JavaScript number. */
export function toNumber(value: BsonNumber): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Double ? value.value : Number(value.toString())
}

/** Copies a value deeply; immutable leaves are shared. */
export function cloneValue<T extends BsonValue | undefined>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => cloneValue(item)) as T
  if (!isDocument(value)) return value
  const copy: BsonDocument = {}
  for (const name of Object.keys(value)) setField(copy, name, cloneValue(value[name]) as BsonValue)
  return copy as T
}

/** True for `false`, zero of any type, null and missing: what expressions take for false. */
export function isFalsy(value: BsonValue | undefined): boolean {
  if (value === undefined || value === null || value === false) return true
  return isNumeric(value) && toNumber(value) === 0
}

/** A whole number as the smallest of int32, int64 and double. */
export function integer(value: number): BsonNumber {
  if ((value | 0) === value) return value
  return Number.isSafeInteger(value) ? BigInt(value) : new Double(value)
}

/** Creates an id as the server does for documents that come without one. */
export function newObjectId(): ObjectId {
  return new ObjectId()
}

/** The 64 bits of a timestamp. */
export function timestampBits(timestamp: Timestamp): bigint {
  return (BigInt(timestamp.t) << 32n) | BigInt(timestamp.i)
}

/** The timestamp with these 64 bits. */
export function timestampOf(bits: bigint): Timestamp {
  return new Timestamp({ t: Number(bits >> 32n), i: Number(bits & 0xffffffffn) })
}
