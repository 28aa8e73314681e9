import { equalValues } from '../bson/compare.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import { fieldOf, isDocument, setField, type BsonDocument, type BsonValue } from '../bson/value.ts'

/** The steps to a field: names of fields, and positions in arrays. */
type Steps = readonly (string | number)[]

/**
 * What an update changed, as change events report it; paths with more than one reading are spelled out.
 *
 * @param written Paths operators have written as a whole. Absent for a pipeline, where the shortest
 * description counts.
 */
export function describeUpdate(
  before: BsonDocument,
  after: BsonDocument,
  written?: readonly (readonly string[])[],
): BsonDocument {
  const updatedFields: BsonDocument = {}
  const removedFields: BsonValue[] = []
  const truncatedArrays: BsonValue[] = []
  const disambiguatedPaths: BsonDocument = {}
  const wholes = written && new Set(written.map(keyOf))
  const description = { updatedFields, removedFields, truncatedArrays, disambiguatedPaths }
  compareFields(before, after, [], { ...description, wholes })
  return description
}

interface Changes {
  readonly updatedFields: BsonDocument
  readonly removedFields: BsonValue[]
  readonly truncatedArrays: BsonValue[]
  readonly disambiguatedPaths: BsonDocument
  /** Paths that are reported whole; absent when nothing is known. */
  readonly wholes: ReadonlySet<string> | undefined
}

function keyOf(steps: Steps): string {
  return steps.join('\0')
}

/** The dotted path; noted with its steps when a name in it could be read as more than one step or a position. */
function pathOf(steps: Steps, changes: Changes): string {
  const path = steps.join('.')
  const isAmbiguous = steps.some((step) => typeof step === 'string' && /^\d+$|\./.test(step))
  if (isAmbiguous) setField(changes.disambiguatedPaths, path, [...steps])
  return path
}

function compareFields(
  before: BsonDocument,
  after: BsonDocument,
  prefix: Steps,
  changes: Changes,
): void {
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(after, name)) changes.removedFields.push(pathOf([...prefix, name], changes))
  }
  for (const name of Object.keys(after)) {
    compareField(fieldOf(before, name), after[name] as BsonValue, [...prefix, name], changes)
  }
}

function compareField(
  before: BsonValue | undefined,
  after: BsonValue,
  steps: Steps,
  changes: Changes,
): void {
  if (isSame(before, after)) return
  if (changes.wholes?.has(keyOf(steps))) {
    setField(changes.updatedFields, pathOf(steps, changes), after)
    return
  }
  if (isDocument(before) && isDocument(after)) {
    compareFields(before, after, steps, changes)
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    compareArrays(before, after, steps, changes)
    return
  }
  setField(changes.updatedFields, pathOf(steps, changes), after)
}

function compareArrays(
  before: BsonValue[],
  after: BsonValue[],
  steps: Steps,
  changes: Changes,
): void {
  const kept = Math.min(before.length, after.length)
  const different = after.filter((item, at) => at < kept && !isSame(before[at], item)).length
  if (!changes.wholes && different > 0 && different === kept) {
    setField(changes.updatedFields, pathOf(steps, changes), after)
    return
  }
  if (after.length < before.length)
    changes.truncatedArrays.push({ field: pathOf(steps, changes), newSize: after.length })
  after.forEach((item, at) => compareField(before[at], item, [...steps, at], changes))
}

/** Equal in value and type: a number that only changes its type is a change. */
export function isSame(before: BsonValue | undefined, after: BsonValue | undefined): boolean {
  if (before === after) return true
  if (typeNameOf(before) !== typeNameOf(after)) return false
  if (isDocument(before) && isDocument(after)) {
    const names = Object.keys(before)
    const others = Object.keys(after)
    return (
      names.length === others.length &&
      names.every((name, at) => name === others[at] && isSame(before[name], after[name]))
    )
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.length === after.length && before.every((item, at) => isSame(item, after[at]))
  }
  return equalValues(before, after)
}
