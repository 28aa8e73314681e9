import { Binary, BSONRegExp, BSONSymbol, Code, ObjectId, Timestamp } from 'bson'
import { typeOrderOf } from './bson-type.ts'
import { compareNumbers } from './compare-numbers.ts'
import { isDocument, isNumeric, timestampBits, type BsonDocument, type BsonValue } from './value.ts'

/** Compares two texts; a collation replaces the comparison by bytes. */
export type TextOrder = (left: string, right: string) => number

/**
 * Compares in the order of the server: by type first, then by value.
 *
 * Fields of documents count in the order they have. `undefined` stands for missing and is below null.
 */
export function compareValues(
  left: BsonValue | undefined,
  right: BsonValue | undefined,
  textOrder: TextOrder = compareText,
): number {
  if (left === right) return 0
  if (typeof left === 'string' && typeof right === 'string') return textOrder(left, right)
  const leftOrder = typeOrderOf(left)
  const rightOrder = typeOrderOf(right)
  if (leftOrder !== rightOrder) return leftOrder - rightOrder
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right)
  if (Array.isArray(left) && Array.isArray(right)) return compareArrays(left, right, textOrder)
  if (isDocument(left) && isDocument(right)) return compareDocuments(left, right, textOrder)
  return compareLeaves(left, right, textOrder)
}

/** True when the server takes two values for the same. */
export function equalValues(
  left: BsonValue | undefined,
  right: BsonValue | undefined,
  textOrder?: TextOrder,
): boolean {
  return compareValues(left, right, textOrder) === 0
}

/** Compares two texts by their UTF-8 bytes. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return codePointRank(a) - codePointRank(b)
  }
  return left.length - right.length
}

/** Compares bytes, shorter first when one is the start of the other. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right)
}

// A surrogate stands for a code point above U+FFFF, and so sorts above U+E000 to U+FFFF.
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function compareArrays(left: BsonValue[], right: BsonValue[], textOrder: TextOrder): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const result = compareValues(left[index], right[index], textOrder)
    if (result !== 0) return result
  }
  return left.length - right.length
}

function compareDocuments(left: BsonDocument, right: BsonDocument, textOrder: TextOrder): number {
  const leftNames = Object.keys(left)
  const rightNames = Object.keys(right)
  const length = Math.min(leftNames.length, rightNames.length)
  for (let index = 0; index < length; index += 1) {
    const a = leftNames[index] as string
    const b = rightNames[index] as string
    const byType = typeOrderOf(left[a]) - typeOrderOf(right[b])
    if (byType !== 0) return byType
    const byName = compareText(a, b)
    if (byName !== 0) return byName
    const byValue = compareValues(left[a], right[b], textOrder)
    if (byValue !== 0) return byValue
  }
  return leftNames.length - rightNames.length
}

function compareLeaves(
  left: BsonValue | undefined,
  right: BsonValue | undefined,
  textOrder: TextOrder,
): number {
  if (left instanceof Date && right instanceof Date) return left.getTime() - right.getTime()
  if (left instanceof ObjectId && right instanceof ObjectId) return compareBytes(left.id, right.id)
  if (typeof left === 'boolean') return Number(left) - Number(right)
  if (left instanceof Binary && right instanceof Binary) return compareBinaries(left, right)
  if (left instanceof Timestamp && right instanceof Timestamp) {
    const [a, b] = [timestampBits(left), timestampBits(right)]
    return a < b ? -1 : a > b ? 1 : 0
  }
  if (left instanceof BSONRegExp && right instanceof BSONRegExp) {
    return compareText(left.pattern, right.pattern) || compareText(left.options, right.options)
  }
  if (left instanceof Code && right instanceof Code) return compareCode(left, right, textOrder)
  const a = textOf(left)
  const b = textOf(right)
  return a === undefined || b === undefined ? 0 : textOrder(a, b)
}

function compareCode(left: Code, right: Code, textOrder: TextOrder): number {
  return (
    compareText(left.code, right.code) ||
    compareDocuments(left.scope ?? {}, right.scope ?? {}, textOrder)
  )
}

function compareBinaries(left: Binary, right: Binary): number {
  return (
    left.position - right.position ||
    left.sub_type - right.sub_type ||
    compareBytes(left.buffer.subarray(0, left.position), right.buffer.subarray(0, right.position))
  )
}

function textOf(value: BsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof BSONSymbol ? value.value : undefined
}
