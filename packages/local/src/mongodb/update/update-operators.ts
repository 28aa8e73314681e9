import { Double } from 'bson'
import { addNumbers, multiplyNumbers } from '../bson/arithmetic.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import { compareValues } from '../bson/compare.ts'
import { printDocument, printValue } from '../bson/print-value.ts'
import {
  isDocument,
  isNumeric,
  timestampOf,
  type BsonDocument,
  type BsonNumber,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Collation } from '../query/collation.ts'
import { assertViable, setValueAt, unsetValueAt, valueAt } from './document-path.ts'

/** What surrounds one application of an update. */
export interface UpdateMoment {
  /** True when the document is new by an upsert. */
  readonly inserting: boolean
  readonly collation: Collation
  /** Time of the server, as timestamp bits. */
  readonly now: bigint
}

/** Applies one operator to one concrete path of a document. */
export type FieldUpdate = (
  document: BsonDocument,
  path: readonly string[],
  moment: UpdateMoment,
) => void

/** Reads the operand of an operator for one path. */
export type OperatorCompiler = (
  operand: BsonValue,
  path: string,
  collation: Collation,
) => FieldUpdate

const assign: OperatorCompiler = (operand) => (document, path) =>
  setValueAt(document, path, operand)

/** The operators on fields; those on arrays are in `array-operators.ts`. */
export const FIELD_OPERATORS: Record<string, OperatorCompiler> = {
  $set: assign,
  $setOnInsert: (operand) => (document, path, moment) => {
    if (moment.inserting) setValueAt(document, path, operand)
  },
  $unset: () => (document, path) => unsetValueAt(document, path),
  $inc: (operand, path) =>
    arithmetic('$inc', 'increment', operand, path, (left, right) =>
      addNumbers(left, right, 'undefined'),
    ),
  $mul: (operand, path) =>
    arithmetic('$mul', 'multiply', operand, path, (left, right) =>
      multiplyNumbers(left, right, 'undefined'),
    ),
  $min: (operand) => extreme(operand, -1),
  $max: (operand) => extreme(operand, 1),
  $currentDate: (operand, path) => currentDate(operand, path),
  $bit: (operand, path) => bitwise(operand, path),
}

function arithmetic(
  operator: '$inc' | '$mul',
  verb: string,
  operand: BsonValue,
  path: string,
  combine: (left: BsonNumber, right: BsonNumber) => BsonNumber | undefined,
): FieldUpdate {
  if (!isNumeric(operand)) {
    throw new ServerError(
      'TypeMismatch',
      `Cannot ${verb} with non-numeric argument: {${path}: ${printValue(operand)}}`,
    )
  }
  return (document, concrete) => {
    const current = valueAt(document, concrete)
    if (current === undefined) {
      setValueAt(document, concrete, operator === '$inc' ? operand : zeroLike(operand))
      return
    }
    if (!isNumeric(current)) {
      const name = concrete[concrete.length - 1] ?? ''
      throw new ServerError(
        'TypeMismatch',
        `Cannot apply ${operator} to a value of non-numeric type. {_id: ${printValue(document['_id'])}} has the field '${name}' of non-numeric type ${typeNameOf(current)}`,
      )
    }
    const result = combine(current, operand)
    if (result === undefined) {
      throw new ServerError(
        'BadValue',
        `Failed to apply ${operator} operations to current value (${typeNameOf(current)} ${printValue(current)}) for document {_id: ${printValue(document['_id'])}}`,
      )
    }
    setValueAt(document, concrete, result)
  }
}

function zeroLike(operand: BsonNumber): BsonNumber {
  return multiplyNumbers(operand instanceof Double ? new Double(0) : operand, 0, 'to-double')
}

function extreme(operand: BsonValue, sign: 1 | -1): FieldUpdate {
  return (document, path, moment) => {
    const current = valueAt(document, path)
    const isBetter =
      current === undefined || compareValues(operand, current, moment.collation.order) * sign > 0
    if (isBetter) setValueAt(document, path, operand)
  }
}

function currentDate(operand: BsonValue, path: string): FieldUpdate {
  const type = isDocument(operand) ? operand['$type'] : operand
  if (typeof type !== 'boolean' && type !== 'date' && type !== 'timestamp') {
    throw new ServerError(
      'BadValue',
      `${typeNameOf(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}) for '${path}'.`,
    )
  }
  return (document, concrete, moment) => {
    const value = type === 'timestamp' ? timestampOf(moment.now) : new Date()
    setValueAt(document, concrete, value)
  }
}

type BitOperation = readonly [name: string, by: number | bigint]

function bitwise(operand: BsonValue, path: string): FieldUpdate {
  if (!isDocument(operand)) {
    throw new ServerError(
      'BadValue',
      `The $bit modifier is not compatible with a ${typeNameOf(operand)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    )
  }
  const operations = Object.keys(operand).map((name): BitOperation => {
    const by = operand[name]
    const known = name === 'and' || name === 'or' || name === 'xor'
    if (!known || (typeof by !== 'number' && typeof by !== 'bigint')) {
      throw new ServerError(
        'BadValue',
        `The $bit modifier only supports 'and', 'or', and 'xor' of integers, not '${name}' for '${path}': ${printDocument(operand)}`,
      )
    }
    return [name, by]
  })
  return (document, concrete) => {
    const current = valueAt(document, concrete) ?? 0
    if (typeof current !== 'number' && typeof current !== 'bigint') {
      throw new ServerError(
        'BadValue',
        `Cannot apply $bit to a value of non-integral type.{_id: ${printValue(document['_id'])}} has the field ${path} of non-integer type ${typeNameOf(current)}`,
      )
    }
    setValueAt(document, concrete, operations.reduce(applyBits, current))
  }
}

function applyBits(current: number | bigint, [name, by]: BitOperation): number | bigint {
  const [a, b] = [BigInt(current), BigInt(by)]
  const result = name === 'and' ? a & b : name === 'or' ? a | b : a ^ b
  const wide = typeof current === 'bigint' || typeof by === 'bigint'
  return wide ? BigInt.asIntN(64, result) : Number(BigInt.asIntN(32, result))
}

/** Moves the value of one path to another. */
export function renameField(target: readonly string[]): FieldUpdate {
  return (document, path) => {
    let node: BsonValue | undefined = document
    for (const name of path.slice(0, -1)) {
      node = isDocument(node) ? node[name] : undefined
      if (Array.isArray(node)) {
        throw new ServerError(
          'BadValue',
          `The source field cannot be an array element, '${path.join('.')}' in doc with _id: ${printValue(document['_id'])} has an array field called '${name}'`,
        )
      }
    }
    const value = valueAt(document, path)
    if (value === undefined) return
    assertViable(document, target)
    unsetValueAt(document, path)
    setValueAt(document, target, value)
  }
}
