import { InvalidDocumentError } from '../projection-errors.ts'

type Operators = Readonly<Record<string, unknown>>
type Change = Readonly<Record<string, unknown>>

/**
 * Puts the updates of two events into one, for events that share a position: a document takes one update of each
 * position. What the second sets stands, what both add is added up.
 *
 * @throws {InvalidDocumentError} They change one field in ways that do not go together.
 */
export function mergeUpdates(first: Operators, second: Operators): Operators {
  const merged: Record<string, unknown> = { ...first }
  for (const [operator, change] of Object.entries(second)) {
    for (const field of Object.keys(change as Change)) checkField(first, operator, field)
    merged[operator] = mergeChange(operator, (first[operator] ?? {}) as Change, change as Change)
  }
  return merged
}

function mergeChange(operator: string, first: Change, second: Change): Change {
  const merged: Record<string, unknown> = { ...first }
  for (const [field, value] of Object.entries(second))
    merged[field] = field in first ? combine(operator, field, [first[field], value]) : value
  return merged
}

function combine(operator: string, field: string, values: [unknown, unknown]): unknown {
  const [first, second] = values
  if (operator === '$set') return second
  if (operator === '$inc' && typeof first === 'number' && typeof second === 'number')
    return first + second
  if (operator === '$push') return { $each: values.flatMap(itemsOf) }
  throw refusal(`${operator} of "${field}" twice`)
}

function itemsOf(pushed: unknown): readonly unknown[] {
  if (typeof pushed !== 'object' || pushed === null || !('$each' in pushed)) return [pushed]
  if (Object.keys(pushed).length > 1) throw refusal('a $push with modifiers')
  return pushed.$each as readonly unknown[]
}

/** Two operators on one field, or on one inside of another, are refused by the store as well. */
function checkField(first: Operators, operator: string, field: string): void {
  for (const [other, change] of Object.entries(first))
    for (const known of Object.keys(change as Change)) {
      if (operator === other && field === known) continue
      if (field === known || field.startsWith(`${known}.`) || known.startsWith(`${field}.`))
        throw refusal(`${other} of "${known}" and ${operator} of "${field}"`)
    }
}

function refusal(found: string): InvalidDocumentError {
  return new InvalidDocumentError(
    `${found} by events that share a position`,
    'updates of different fields, or a handler that folds',
  )
}
