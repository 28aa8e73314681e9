import { fieldOf, isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { arrayIndexOf } from '../query/path-values.ts'

/** One value per field of an index; `undefined` stands for the empty array. */
export type KeyTuple = readonly (BsonValue | undefined)[]

/** The key tuples of one document. */
export interface KeyTuples {
  readonly tuples: readonly KeyTuple[]
  /** True when an array lies on one of the paths. */
  readonly multikey: boolean
  /** True when no indexed field is present. */
  readonly absent: boolean
}

interface Pending {
  readonly node: BsonValue | undefined
  readonly rest: readonly string[]
  /** True for an element of an array: an array inside an array is one key and not opened. */
  readonly whole?: true
}

const ABSENT: Pending = { node: undefined, rest: [] }

/**
 * The keys an index has for a document: one per array element, missing as null.
 *
 * @param paths One split path per index field.
 * @throws {ServerError} Two fields of the index run through different arrays.
 */
export function keyTuplesOf(
  document: BsonDocument,
  paths: readonly (readonly string[])[],
): KeyTuples {
  const start = paths.map((path) => walk(document, path))
  const state = { multikey: false, present: false }
  const tuples = expand(start, state)
  return { tuples, multikey: state.multikey, absent: !state.present }
}

/** Goes down a path until a value, or an array that has to be expanded. */
function walk(from: BsonValue | undefined, path: readonly string[]): Pending {
  let node = from
  for (let depth = 0; depth < path.length; depth += 1) {
    if (Array.isArray(node)) return { node, rest: path.slice(depth) }
    if (!isDocument(node)) return ABSENT
    node = fieldOf(node, path[depth] as string)
    if (node === undefined) return ABSENT
  }
  return { node, rest: [] }
}

function arrayOf(field: Pending): BsonValue[] | undefined {
  return Array.isArray(field.node) && !field.whole ? field.node : undefined
}

function expand(
  fields: readonly Pending[],
  state: { multikey: boolean; present: boolean },
): (BsonValue | undefined)[][] {
  const arrays = fields.map(arrayOf).filter((array) => array !== undefined)
  const [array] = arrays
  if (!array) {
    for (const field of fields) if (field.node !== undefined) state.present = true
    return [fields.map((field) => field.node ?? null)]
  }
  state.multikey = true
  state.present = true
  if (arrays.some((other) => other !== array)) {
    throw new ServerError('CannotIndexParallelArrays', 'cannot index parallel arrays')
  }
  if (array.length === 0) return [fields.map((field) => emptyArrayValue(field, array))]
  return array.flatMap((item) =>
    expand(
      fields.map((field) => step(field, array, item)),
      state,
    ),
  )
}

function emptyArrayValue(field: Pending, array: BsonValue[]): BsonValue | undefined {
  if (field.node !== array) return field.node ?? null
  return field.rest.length === 0 ? undefined : null
}

function step(field: Pending, array: BsonValue[], item: BsonValue): Pending {
  if (field.node !== array) return field
  const [name] = field.rest
  if (name === undefined) return { node: item, rest: [], whole: true }
  const index = arrayIndexOf(name)
  if (index !== undefined && index < array.length) return walk(array[index], field.rest.slice(1))
  return isDocument(item) ? walk(item, field.rest) : ABSENT
}
