import { UpdateRefusedError } from './read-model-errors.ts'
import type { DocumentUpdate } from './read-model-store.ts'

/** The update operators every store applies with the same results. */
const operators: ReadonlySet<string> = new Set([
  '$addToSet',
  '$bit',
  '$currentDate',
  '$inc',
  '$max',
  '$min',
  '$mul',
  '$pop',
  '$pull',
  '$pullAll',
  '$push',
  '$rename',
  '$set',
  '$setOnInsert',
  '$unset',
])

/**
 * Refuses an update that no document could take, for stores to call before they send anything.
 *
 * @throws {UpdateRefusedError}
 */
export function checkUpdate(update: DocumentUpdate): void {
  const reason = reasonAgainst(update)
  if (reason !== undefined) throw new UpdateRefusedError(update.model.name, update.id, reason)
}

function reasonAgainst({ model, update }: DocumentUpdate): string | undefined {
  if (model.history)
    return 'the read model keeps a history, which needs every version read; fold instead'
  if (Array.isArray(update)) return 'it is a pipeline; use update operators, or fold'
  const paths = new Set<string>()
  for (const [operator, fields] of Object.entries(update)) {
    if (!operators.has(operator))
      return `"${operator}" is none of the operators ${[...operators].join(', ')}`
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
      return `the operand of "${operator}" is not an object of paths`
    const named = operator === '$rename' ? renamed(fields) : Object.keys(fields)
    for (const path of named) {
      const found = reasonAgainstPath(path, operator) ?? conflict(path, paths)
      if (found !== undefined) return found
      paths.add(path)
    }
  }
  return undefined
}

function renamed(fields: object): readonly string[] {
  return Object.entries(fields).flatMap(([from, to]) => [from, String(to)])
}

function reasonAgainstPath(path: string, operator: string): string | undefined {
  const steps = path.split('.')
  const [first] = steps
  if (first === '_id') return `"${path}" is the id of the document, which never changes`
  if (first === '_meta') return `"${path}" is kept for Varve; use another name`
  if (steps.includes('')) return `"${path}" has an empty step`
  if (steps.includes('__proto__')) return `"${path}" names a prototype; use another name`
  const positional = steps.find((step) => step.startsWith('$'))
  if (positional === undefined) return undefined
  if (first !== positional && positional === '$[]' && operator !== '$rename') return undefined
  return `"${positional}" in "${path}" needs a filter, which an update by id has not; use $[], or fold`
}

function conflict(path: string, paths: ReadonlySet<string>): string | undefined {
  for (const other of paths)
    if (path === other || path.startsWith(`${other}.`) || other.startsWith(`${path}.`))
      return `it changes "${other}" and "${path}", which is one field or within the other`
  return undefined
}
