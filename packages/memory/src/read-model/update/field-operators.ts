import { compareValues } from './compare-values.ts'
import { setAt, unsetAt, valueAt } from './document-path.ts'
import { add, isStoredNumber, isWhole, multiply, type StoredNumber } from './numbers.ts'

/** What surrounds one application of an update. */
export interface UpdateMoment {
  /** Whether the document is made by the update. */
  readonly isNew: boolean
  readonly now: Date
}

/**
 * Applies an operator to one field of a document.
 *
 * @returns Why it cannot be applied; undefined: it is done.
 */
export type FieldOperator = (
  document: object,
  path: readonly string[],
  operand: unknown,
  moment: UpdateMoment,
) => string | undefined

/** The operators on fields of any kind; those on arrays are in `array-operators.ts`. */
export const fieldOperators: Readonly<Record<string, FieldOperator>> = {
  $set: setAt,
  $setOnInsert: (document, path, operand, { isNew }) =>
    isNew ? setAt(document, path, operand) : undefined,
  $unset: (document, path) => {
    unsetAt(document, path)
    return undefined
  },
  $inc: (document, path, operand) => compute('$inc', add, document, path, operand),
  $mul: (document, path, operand) => compute('$mul', multiply, document, path, operand),
  $min: (document, path, operand) => keepBetter(document, path, operand, -1),
  $max: (document, path, operand) => keepBetter(document, path, operand, 1),
  $currentDate: setNow,
  $bit: combineBits,
  $rename: rename,
}

function compute(
  operator: '$inc' | '$mul',
  combine: (left: StoredNumber, right: StoredNumber) => StoredNumber | undefined,
  document: object,
  path: readonly string[],
  operand: unknown,
): string | undefined {
  if (!isStoredNumber(operand)) return `${operator} of "${path.join('.')}" is not by a number`
  const current = valueAt(document, path)
  if (current === undefined) return setAt(document, path, start(operator, operand))
  if (!isStoredNumber(current))
    return `"${path.join('.')}" is no number, so ${operator} cannot change it`
  const result = combine(current, operand)
  return result === undefined
    ? `"${path.join('.')}" would be over 64 bits after ${operator}`
    : setAt(document, path, result)
}

/** What a number that is missing becomes. */
function start(operator: '$inc' | '$mul', operand: StoredNumber): StoredNumber {
  if (operator === '$inc') return operand
  return typeof operand === 'bigint' ? 0n : 0
}

function keepBetter(
  document: object,
  path: readonly string[],
  operand: unknown,
  sign: 1 | -1,
): string | undefined {
  const current = valueAt(document, path)
  const isBetter = current === undefined || compareValues(operand, current) * sign > 0
  return isBetter ? setAt(document, path, operand) : undefined
}

function setNow(
  document: object,
  path: readonly string[],
  operand: unknown,
  { now }: UpdateMoment,
): string | undefined {
  const type = (operand as { readonly $type?: unknown } | null)?.$type ?? operand
  if (typeof type !== 'boolean' && type !== 'date')
    return `$currentDate of "${path.join('.')}" is neither true nor { $type: 'date' }, which alone a document here can hold`
  return setAt(document, path, new Date(now))
}

function combineBits(
  document: object,
  path: readonly string[],
  operand: unknown,
): string | undefined {
  const name = path.join('.')
  let result = valueAt(document, path)
  if (result === undefined) result = 0
  if (!isWhole(result)) return `"${name}" is no integer, so $bit cannot change it`
  const entries: [string, unknown][] =
    typeof operand === 'object' && operand !== null ? Object.entries(operand) : []
  if (entries.length === 0) return `$bit of "${name}" names none of and, or, xor`
  for (const [operation, by] of entries) {
    if (!['and', 'or', 'xor'].includes(operation) || !isWhole(by))
      return `$bit of "${name}" is not and, or, xor by an integer`
    const [a, b] = [BigInt(result as StoredNumber), BigInt(by)]
    const bits = operation === 'and' ? a & b : operation === 'or' ? a | b : a ^ b
    const isWide = typeof result === 'bigint' || typeof by === 'bigint'
    result = isWide ? BigInt.asIntN(64, bits) : Number(BigInt.asIntN(32, bits))
  }
  return setAt(document, path, result)
}

function rename(document: object, path: readonly string[], operand: unknown): string | undefined {
  if (typeof operand !== 'string') return `$rename of "${path.join('.')}" is not to a name`
  const target = operand.split('.')
  for (const steps of [path, target])
    for (let length = 1; length < steps.length; length += 1)
      if (Array.isArray(valueAt(document, steps.slice(0, length))))
        return `$rename of "${path.join('.')}" to "${operand}" runs through an array`
  const value = valueAt(document, path)
  if (value === undefined) return undefined
  unsetAt(document, path)
  return setAt(document, target, value)
}
