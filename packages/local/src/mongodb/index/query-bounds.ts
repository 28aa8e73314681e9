import { BSONRegExp, Decimal128, Double, MaxKey, MinKey } from 'bson'
import { TYPE_ORDER, typeOrderOf } from '../bson/bson-type.ts'
import { compareBytes } from '../bson/compare.ts'
import { encodeKey, type TextKey } from '../bson/key-encoding.ts'
import { isDocument, type BsonValue } from '../bson/value.ts'
import type { Conjunct } from '../query/filter.ts'

/** An edge between keys: before everything that starts with the key, or after it. */
export interface Edge {
  readonly key: Buffer
  readonly after: boolean
}

/** The keys of one field between two edges. */
export interface Interval {
  readonly low: Edge
  readonly high: Edge
  /** The single value inside, when there is only one. */
  readonly point?: BsonValue
}

/** The interval as bytes: from the first, included, to the second, excluded. */
export function bytesOf(interval: Interval, descending: boolean): [Buffer, Buffer] {
  const { low, high } = interval
  if (!descending) return [edgeBytes(low.key, low.after), edgeBytes(high.key, high.after)]
  return [edgeBytes(inverted(high.key), !high.after), edgeBytes(inverted(low.key), !low.after)]
}

function edgeBytes(key: Buffer, after: boolean): Buffer {
  return after ? successor(key) : key
}

function inverted(key: Buffer): Buffer {
  return Buffer.from(key.map((byte) => byte ^ 255))
}

/** The first bytes after everything that starts with a key; a key always has a byte below 0xff. */
function successor(key: Buffer): Buffer {
  let end = key.length
  while (end > 1 && key[end - 1] === 0xff) end -= 1
  const bytes = Buffer.from(key.subarray(0, end))
  bytes[end - 1] = (bytes[end - 1] ?? 0) + 1
  return bytes
}

const before = (key: Buffer): Edge => ({ key, after: false })
const after = (key: Buffer): Edge => ({ key, after: true })

function compareEdges(left: Edge, right: Edge): number {
  return compareBytes(edgeBytes(left.key, left.after), edgeBytes(right.key, right.after))
}

/**
 * The intervals of a field a condition can be true in.
 *
 * @returns `undefined` when the condition does not narrow the field.
 */
export function boundsOf(conjunct: Conjunct, textKey: TextKey | undefined): Interval[] | undefined {
  const { operator, operand } = conjunct
  switch (operator) {
    case '$eq':
      return isPoint(operand) ? [point(operand, textKey)] : undefined
    case '$in':
      return Array.isArray(operand) && operand.every(isPoint)
        ? distinct(operand.map((item) => point(item, textKey)))
        : undefined
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return textKey && typeof operand === 'string' ? undefined : range(operator, operand)
    case '$regex':
      return textKey ? undefined : prefixRange(operand)
    default:
      return undefined
  }
}

/** Values whose index entry is the value itself. */
function isPoint(value: BsonValue): boolean {
  return !Array.isArray(value) && !(value instanceof BSONRegExp) && !isOperator(value)
}

function isOperator(value: BsonValue): boolean {
  return isDocument(value) && Object.keys(value)[0]?.startsWith('$') === true
}

function point(value: BsonValue, textKey: TextKey | undefined): Interval {
  const key = encodeKey(value, textKey)
  return { low: before(key), high: after(key), point: value }
}

function distinct(points: Interval[]): Interval[] {
  points.sort((left, right) => compareEdges(left.low, right.low))
  return points.filter((item, at) => {
    const previous = points[at - 1]
    return !previous || compareEdges(previous.low, item.low) !== 0
  })
}

function range(operator: string, operand: BsonValue): Interval[] | undefined {
  const isSpecial = operand === null || operand instanceof MinKey || operand instanceof MaxKey
  if (isSpecial || Array.isArray(operand) || operand instanceof BSONRegExp || isNaN(operand))
    return undefined
  const type = typeOrderOf(operand)
  const key = encodeKey(operand)
  const first = before(Buffer.of(type))
  const last = before(Buffer.of(type + 1))
  switch (operator) {
    case '$gt':
      return [{ low: after(key), high: last }]
    case '$gte':
      return [{ low: before(key), high: last }]
    case '$lt':
      return [{ low: first, high: before(key) }]
    default:
      return [{ low: first, high: after(key) }]
  }
}

/** Text that starts with the literal beginning of an anchored pattern, and all stored patterns. */
function prefixRange(operand: BsonValue): Interval[] | undefined {
  const [pattern, options] =
    operand instanceof BSONRegExp ? [operand.pattern, operand.options] : [operand, '']
  if (typeof pattern !== 'string' || options !== '') return undefined
  const literal = /^\^([\w \-:@/]+)(?![*?{|+\w])/.exec(pattern)?.[1]
  if (literal === undefined || pattern.includes('|')) return undefined
  const key = encodeKey(literal)
  // Without the end mark the key is the beginning of all texts that start so.
  const prefix = key.subarray(0, -1)
  return [
    { low: before(prefix), high: after(prefix) },
    { low: before(REGEX), high: after(REGEX) },
  ]
}

const REGEX = Buffer.of(TYPE_ORDER.regex)

function isNaN(value: BsonValue): boolean {
  if (value instanceof Double) return Number.isNaN(value.value)
  return value instanceof Decimal128 && value.toString() === 'NaN'
}

/** The overlap of two lists of intervals, both in ascending order. */
export function intersect(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  for (const a of left) {
    for (const b of right) {
      const low = compareEdges(a.low, b.low) >= 0 ? a.low : b.low
      const high = compareEdges(a.high, b.high) <= 0 ? a.high : b.high
      if (compareEdges(low, high) >= 0) continue
      const single = a.point === undefined ? b.point : a.point
      result.push({ low, high, ...(single === undefined ? {} : { point: single }) })
    }
  }
  return result
}
