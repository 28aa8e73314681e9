import { equalValues } from '../bson/compare.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'

/** What an update changed, as change events report it. */
export function describeUpdate(before: BsonDocument, after: BsonDocument): BsonDocument {
  const updatedFields: BsonDocument = {}
  const removedFields: BsonValue[] = []
  const truncatedArrays: BsonValue[] = []
  const changes = { updatedFields, removedFields, truncatedArrays }
  compareFields(before, after, '', changes)
  return changes
}

interface Changes {
  readonly updatedFields: BsonDocument
  readonly removedFields: BsonValue[]
  readonly truncatedArrays: BsonValue[]
}

function compareFields(
  before: BsonDocument,
  after: BsonDocument,
  prefix: string,
  changes: Changes,
): void {
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(after, name)) changes.removedFields.push(prefix + name)
  }
  for (const name of Object.keys(after)) {
    compareField(before[name], after[name] as BsonValue, prefix + name, changes)
  }
}

function compareField(
  before: BsonValue | undefined,
  after: BsonValue,
  path: string,
  changes: Changes,
): void {
  if (isSame(before, after)) return
  if (isDocument(before) && isDocument(after)) {
    compareFields(before, after, `${path}.`, changes)
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    compareArrays(before, after, path, changes)
    return
  }
  changes.updatedFields[path] = after
}

function compareArrays(
  before: BsonValue[],
  after: BsonValue[],
  path: string,
  changes: Changes,
): void {
  const kept = Math.min(before.length, after.length)
  const different = after.filter((item, at) => at < kept && !isSame(before[at], item)).length
  if (different > 0 && different === kept) {
    changes.updatedFields[path] = after
    return
  }
  if (after.length < before.length)
    changes.truncatedArrays.push({ field: path, newSize: after.length })
  after.forEach((item, at) => compareField(before[at], item, `${path}.${at}`, changes))
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
