import { Query } from 'mingo'
import { withNumbers } from '../read-model-row.ts'
import { compareValues } from './compare-values.ts'
import { setAt, valueAt } from './document-path.ts'
import type { FieldOperator } from './field-operators.ts'

/** The operators on arrays. */
export const arrayOperators: Readonly<Record<string, FieldOperator>> = {
  $push: (document, path, operand) => {
    const found = arrayAt('$push', document, path)
    if (typeof found === 'string') return found
    const plan = pushPlan(operand, path)
    if (typeof plan === 'string') return plan
    return setAt(document, path, push(found ?? [], plan))
  },
  $addToSet: (document, path, operand) => {
    const found = arrayAt('$addToSet', document, path)
    if (typeof found === 'string') return found
    const each = isClause(operand) ? operand['$each'] : [operand]
    if (!Array.isArray(each)) return `$each of "${path.join('.')}" is no array`
    const items = [...(found ?? [])]
    for (const one of each) if (!includes(items, one)) items.push(one)
    return setAt(document, path, items)
  },
  $pop: (document, path, operand) => {
    if (operand !== 1 && operand !== -1) return `$pop of "${path.join('.')}" is neither 1 nor -1`
    return keep('$pop', document, path, (items) =>
      operand === 1 ? items.slice(0, -1) : items.slice(1),
    )
  },
  $pull: (document, path, operand) => {
    const isGone = pulled(operand)
    return keep('$pull', document, path, (items) => items.filter((item) => !isGone(item)))
  },
  $pullAll: (document, path, operand) => {
    if (!Array.isArray(operand)) return `$pullAll of "${path.join('.')}" is no array`
    return keep('$pullAll', document, path, (items) =>
      items.filter((item) => !includes(operand, item)),
    )
  },
}

interface PushPlan {
  readonly each: readonly unknown[]
  readonly position: number
  readonly slice: number | undefined
  readonly order: ((left: unknown, right: unknown) => number) | undefined
}

function arrayAt(
  operator: string,
  document: object,
  path: readonly string[],
): readonly unknown[] | string | undefined {
  const found = valueAt(document, path)
  if (found === undefined || Array.isArray(found)) return found
  return `"${path.join('.')}" is no array, so ${operator} cannot change it`
}

function keep(
  operator: string,
  document: object,
  path: readonly string[],
  change: (items: readonly unknown[]) => readonly unknown[],
): string | undefined {
  const found = arrayAt(operator, document, path)
  if (found === undefined || typeof found === 'string') return found
  return setAt(document, path, change(found))
}

function push(before: readonly unknown[], { each, position, slice, order }: PushPlan): unknown[] {
  const items = [...before]
  items.splice(position, 0, ...each)
  if (order) items.sort(order)
  if (slice === undefined) return items
  return slice >= 0 ? items.slice(0, slice) : items.slice(slice)
}

function pushPlan(operand: unknown, path: readonly string[]): PushPlan | string {
  const name = path.join('.')
  if (!isClause(operand))
    return { each: [operand], position: Infinity, slice: undefined, order: undefined }
  const { $each: each, $position: position, $slice: slice, $sort: sort, ...rest } = operand
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) return `$push of "${name}" has the clause "${unknown}"`
  if (!Array.isArray(each)) return `$each of "${name}" is no array`
  for (const whole of [position, slice])
    if (whole !== undefined && !Number.isInteger(whole))
      return `$position or $slice of "${name}" is no integer`
  const order = sort === undefined ? undefined : itemOrder(sort)
  if (order === null) return `$sort of "${name}" is neither 1, -1 nor an object of them`
  return {
    each,
    position: (position as number | undefined) ?? Infinity,
    slice: slice as number | undefined,
    order,
  }
}

/** Null: there is no such order. */
function itemOrder(sort: unknown): ((left: unknown, right: unknown) => number) | null {
  if (sort === 1 || sort === -1) return (left, right) => compareValues(left, right) * sort
  if (typeof sort !== 'object' || sort === null) return null
  const keys = Object.entries(sort) as [string, unknown][]
  if (keys.length === 0 || keys.some(([, way]) => way !== 1 && way !== -1)) return null
  const paths = keys.map(([path, way]) => ({ path: path.split('.'), way: way as number }))
  return (left, right) => {
    for (const { path, way } of paths) {
      const found = compareValues(fieldOf(left, path), fieldOf(right, path))
      if (found !== 0) return found * way
    }
    return 0
  }
}

/** What is missing is sorted as null. */
function fieldOf(item: unknown, path: readonly string[]): unknown {
  return typeof item === 'object' && item !== null ? (valueAt(item, path) ?? null) : null
}

function includes(items: readonly unknown[], value: unknown): boolean {
  return items.some((item) => compareValues(item, value) === 0)
}

/** Tells which elements a condition takes away. */
function pulled(operand: unknown): (item: unknown) => boolean {
  const isCondition =
    operand instanceof RegExp || (isObject(operand) && Object.keys(operand)[0]?.startsWith('$'))
  if (isCondition) {
    const query = new Query(withNumbers({ item: operand }))
    return (item) => query.test(withNumbers({ item }))
  }
  if (!isObject(operand)) return (item) => compareValues(item, operand) === 0
  const query = new Query(withNumbers(operand))
  return (item) => isObject(item) && query.test(withNumbers(item))
}

function isClause(operand: unknown): operand is Record<string, unknown> {
  return isObject(operand) && '$each' in operand
}

function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  return Object.getPrototypeOf(value) === Object.prototype
}
