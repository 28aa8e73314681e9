import { typeNameOf } from '../bson/bson-type.ts'
import { compareValues, equalValues } from '../bson/compare.ts'
import { printValue } from '../bson/print-value.ts'
import {
  cloneValue,
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Collation } from '../query/collation.ts'
import { compileFilter } from '../query/filter.ts'
import { isOperatorDocument } from '../query/operator-document.ts'
import { documentOrder, parseSort } from '../query/sort-order.ts'
import { setValueAt, valueAt } from './document-path.ts'
import type { FieldUpdate, OperatorCompiler } from './update-operators.ts'
import { BSONRegExp } from 'bson'

/** The operators on arrays. */
export const ARRAY_OPERATORS: Record<string, OperatorCompiler> = {
  $push: (operand, _path, collation) => push(operand, collation),
  $addToSet: (operand, _path, collation) => addToSet(operand, collation),
  $pop: (operand, path) => pop(operand, path),
  $pull: (operand, _path, collation) => pull(operand, collation),
  $pullAll: (operand, _path, collation) => {
    if (!Array.isArray(operand)) {
      throw new ServerError(
        'BadValue',
        `$pullAll requires an array argument but was given a ${typeNameOf(operand)}`,
      )
    }
    return removal('$pull', (item) =>
      operand.some((other) => equalValues(item, other, collation.order)),
    )
  },
}

function arrayFor(
  operator: string,
  document: BsonDocument,
  path: readonly string[],
): BsonValue[] | undefined {
  const current = valueAt(document, path)
  if (current === undefined || Array.isArray(current)) return current
  const name = path[path.length - 1] ?? ''
  if (operator === '$addToSet') {
    throw new ServerError(
      'BadValue',
      `Cannot apply $addToSet to non-array field. Field named '${name}' has non-array type ${typeNameOf(current)}`,
    )
  }
  if (operator === '$push') {
    throw new ServerError(
      'BadValue',
      `The field '${path.join('.')}' must be an array but is of type ${typeNameOf(current)} in document {_id: ${printValue(document['_id'])}}`,
    )
  }
  if (operator === '$pop') {
    throw new ServerError(
      'TypeMismatch',
      `Path '${path.join('.')}' contains an element of non-array type '${typeNameOf(current)}'`,
    )
  }
  throw new ServerError('BadValue', `Cannot apply ${operator} to a non-array value`)
}

interface PushPlan {
  readonly items: BsonValue[]
  readonly position: number | undefined
  readonly slice: number | undefined
  readonly order: ((left: BsonValue, right: BsonValue) => number) | undefined
}

function push(operand: BsonValue, collation: Collation): FieldUpdate {
  const plan = pushPlan(operand, collation)
  return (document, path) => {
    let items = [...(arrayFor('$push', document, path) ?? [])]
    const at = plan.position
    if (at === undefined || at >= items.length) items.push(...cloneValue(plan.items))
    else items.splice(at < 0 ? Math.max(0, items.length + at) : at, 0, ...cloneValue(plan.items))
    if (plan.order) items.sort(plan.order)
    if (plan.slice !== undefined) {
      items = plan.slice >= 0 ? items.slice(0, plan.slice) : items.slice(plan.slice)
    }
    setValueAt(document, path, items)
  }
}

function pushPlan(operand: BsonValue, collation: Collation): PushPlan {
  if (!isDocument(operand) || !('$each' in operand)) {
    return { items: [operand], position: undefined, slice: undefined, order: undefined }
  }
  const { $each: each, $sort: sort, ...rest } = operand
  if (!Array.isArray(each)) {
    throw new ServerError(
      'BadValue',
      `The argument to $each in $push must be an array but it was of type: ${typeNameOf(each)}`,
    )
  }
  for (const name of Object.keys(rest)) {
    if (name !== '$position' && name !== '$slice') {
      throw new ServerError('BadValue', `Unrecognized clause in $push: ${name}`)
    }
  }
  return {
    items: each,
    position: wholeNumber('$position', rest['$position']),
    slice: wholeNumber('$slice', rest['$slice']),
    order: sort === undefined ? undefined : elementOrder(sort, collation),
  }
}

function wholeNumber(clause: string, value: BsonValue | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = isNumeric(value) ? toNumber(value) : NaN
  if (Number.isInteger(number)) return number
  throw new ServerError(
    'BadValue',
    `The value for ${clause} must be an integer value but was given type: ${typeNameOf(value)}`,
  )
}

function elementOrder(sort: BsonValue, collation: Collation) {
  if (isNumeric(sort)) {
    const sign = toNumber(sort)
    if (sign !== 1 && sign !== -1)
      throw new ServerError('BadValue', 'The $sort element value must be either 1 or -1')
    return (left: BsonValue, right: BsonValue) => compareValues(left, right, collation.order) * sign
  }
  if (!isDocument(sort))
    throw new ServerError(
      'BadValue',
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    )
  const order = documentOrder(parseSort(sort), collation.order)
  const asDocument = (value: BsonValue) => (isDocument(value) ? value : {})
  return (left: BsonValue, right: BsonValue) => order(asDocument(left), asDocument(right))
}

function addToSet(operand: BsonValue, collation: Collation): FieldUpdate {
  const each = isDocument(operand) ? operand['$each'] : undefined
  if (each !== undefined && !Array.isArray(each)) {
    throw new ServerError(
      'TypeMismatch',
      `The argument to $each in $addToSet must be an array but it was of type ${typeNameOf(each)}`,
    )
  }
  const additions = each ?? [operand]
  return (document, path) => {
    const items = [...(arrayFor('$addToSet', document, path) ?? [])]
    for (const addition of additions) {
      const known = items.some((item) => equalValues(item, addition, collation.order))
      if (!known) items.push(cloneValue(addition))
    }
    setValueAt(document, path, items)
  }
}

function pop(operand: BsonValue, path: string): FieldUpdate {
  const end = isNumeric(operand) ? toNumber(operand) : NaN
  if (end !== 1 && end !== -1) {
    throw new ServerError(
      'FailedToParse',
      `$pop expects 1 or -1, found: ${printValue(operand)} for '${path}'`,
    )
  }
  return (document, concrete) => {
    const items = arrayFor('$pop', document, concrete)
    if (items) setValueAt(document, concrete, end === 1 ? items.slice(0, -1) : items.slice(1))
  }
}

function pull(operand: BsonValue, collation: Collation): FieldUpdate {
  if (isOperatorDocument(operand) || operand instanceof BSONRegExp) {
    const filter = compileFilter({ value: operand }, { collation })
    return removal('$pull', (item) => filter.matches({ value: item }))
  }
  if (isDocument(operand)) {
    const filter = compileFilter(operand, { collation })
    return removal('$pull', (item) => isDocument(item) && filter.matches(item))
  }
  return removal('$pull', (item) => equalValues(item, operand, collation.order))
}

function removal(operator: string, isGone: (item: BsonValue) => boolean): FieldUpdate {
  return (document, path) => {
    const items = arrayFor(operator, document, path)
    if (items?.some(isGone))
      setValueAt(
        document,
        path,
        items.filter((item) => !isGone(item)),
      )
  }
}
