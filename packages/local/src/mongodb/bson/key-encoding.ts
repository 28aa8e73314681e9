import type { Decimal128 } from 'bson'
import { Binary, BSONRegExp, BSONSymbol, Code, Double, ObjectId, Timestamp } from 'bson'
import { TYPE_ORDER, typeOrderOf } from './bson-type.ts'
import { ByteWriter } from './byte-writer.ts'
import { addExact, exactNumberOf, toDouble, type ExactNumber } from './exact-number.ts'
import {
  isDocument,
  isNumeric,
  timestampBits,
  type BsonDocument,
  type BsonNumber,
  type BsonValue,
} from './value.ts'

/** Maps text to what an index stores of it, for collations. */
export type TextKey = (text: string) => string

/**
 * Bytes that compare like the values themselves; equal values of different numeric types have the
 * same bytes. No key is the start of another.
 */
export function encodeKey(value: BsonValue | undefined, textKey?: TextKey): Buffer {
  const writer = new ByteWriter(40)
  writeKey(writer, value, textKey)
  return writer.finish()
}

/** Writes a key part; `undefined` stands for the empty array, which is below null. */
export function writeKey(
  writer: ByteWriter,
  value: BsonValue | undefined,
  textKey?: TextKey,
): void {
  writer.byte(value === undefined ? TYPE_ORDER.undefined : typeOrderOf(value))
  writeBody(writer, value, textKey)
}

function writeBody(writer: ByteWriter, value: BsonValue | undefined, textKey?: TextKey): void {
  if (typeof value === 'string') writeText(writer, textKey ? textKey(value) : value)
  else if (isNumeric(value)) writeNumber(writer, value)
  else if (value instanceof ObjectId) writer.bytes(value.id)
  else if (typeof value === 'boolean') writer.byte(value ? 1 : 0)
  else if (value instanceof Date) writer.uint64BE(BigInt(value.getTime()) + 2n ** 63n)
  else if (Array.isArray(value)) writeArray(writer, value, textKey)
  else if (isDocument(value)) writeObject(writer, value, textKey)
  else if (value instanceof Binary) writeBinary(writer, value)
  else if (value instanceof Timestamp) writer.uint64BE(timestampBits(value))
  else if (value instanceof BSONSymbol) writeText(writer, value.value)
  else if (value instanceof Code) {
    writeText(writer, value.code)
    if (value.scope) writeObject(writer, value.scope)
  } else if (value instanceof BSONRegExp) {
    writeText(writer, value.pattern)
    writeText(writer, value.options)
  }
}

function writeText(writer: ByteWriter, text: string): void {
  if (!text.includes('\0')) {
    writer.utf8(text)
  } else {
    for (const part of text.split(/(\0)/)) {
      if (part === '\0') writer.bytes(ESCAPED_ZERO)
      else writer.utf8(part)
    }
  }
  writer.byte(0)
}

const ESCAPED_ZERO = Uint8Array.of(0, 0xff)

function writeArray(writer: ByteWriter, items: BsonValue[], textKey?: TextKey): void {
  for (const item of items) writeKey(writer, item, textKey)
  writer.byte(0)
}

function writeObject(writer: ByteWriter, document: BsonDocument, textKey?: TextKey): void {
  for (const name of Object.keys(document)) {
    const value = document[name] as BsonValue
    writer.byte(typeOrderOf(value))
    writeText(writer, name)
    writeBody(writer, value, textKey)
  }
  writer.byte(0)
}

function writeBinary(writer: ByteWriter, value: Binary): void {
  writer.uint32BE(value.position)
  writer.byte(value.sub_type)
  writer.bytes(value.buffer.subarray(0, value.position))
}

const SAME_AS_DOUBLE = 0x80

/** The nearest double first, then how far the number is from it: exact for every numeric type. */
function writeNumber(writer: ByteWriter, value: BsonNumber): void {
  if (typeof value === 'number') {
    writeDouble(writer, value)
    return
  }
  if (value instanceof Double) {
    writeDouble(writer, value.value)
    return
  }
  if (typeof value === 'bigint') {
    const near = Number(value)
    if (Number.isSafeInteger(near)) {
      writeDouble(writer, near)
      return
    }
  }
  const exact = exactNumberOf(value)
  if (!exact) {
    writeDouble(writer, Number((value as Decimal128).toString()))
    return
  }
  const near = toDouble(exact)
  if (!Number.isFinite(near)) {
    writeBeyondDouble(writer, exact, near)
    return
  }
  const rest = subtractDouble(exact, near)
  if (rest.coefficient === 0n) {
    writeDouble(writer, near)
    return
  }
  writer.sortableDouble(near)
  writeRest(writer, rest)
}

function writeDouble(writer: ByteWriter, value: number): void {
  if (Number.isNaN(value)) writer.bytes(NAN_KEY)
  else {
    // -0 and 0 are the same number.
    writer.sortableDouble(value === 0 ? 0 : value)
    writer.byte(SAME_AS_DOUBLE)
  }
}

const NAN_KEY = new Uint8Array(9)

function writeRest(writer: ByteWriter, rest: ExactNumber): void {
  writer.byte(rest.coefficient < 0n ? SAME_AS_DOUBLE - 1 : SAME_AS_DOUBLE + 1)
  const near = toDouble(rest)
  writer.sortableDouble(near)
  writer.sortableDouble(toDouble(subtractDouble(rest, near)))
}

/** A decimal beyond the doubles sorts inside the largest double and below infinity. */
function writeBeyondDouble(writer: ByteWriter, exact: ExactNumber, near: number): void {
  const negative = near < 0
  writer.sortableDouble(negative ? -Number.MAX_VALUE : Number.MAX_VALUE)
  writer.byte(negative ? SAME_AS_DOUBLE - 1 : SAME_AS_DOUBLE + 1)
  const digits = (negative ? -exact.coefficient : exact.coefficient).toString()
  const magnitude = exact.exponent + digits.length
  writer.sortableDouble(negative ? -Number.MAX_VALUE : Number.MAX_VALUE)
  const scaled = magnitude + Number(`0.${digits.slice(0, 15)}`)
  writer.sortableDouble(negative ? -scaled : scaled)
}

function subtractDouble(exact: ExactNumber, near: number): ExactNumber {
  const other = exactNumberOf(new Double(near))
  if (!other) return exact
  return addExact(exact, { coefficient: -other.coefficient, exponent: other.exponent })
}
