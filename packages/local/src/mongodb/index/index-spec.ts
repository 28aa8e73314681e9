import { plainText, printDocument } from '../bson/print-value.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import {
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { ServerError } from '../errors/server-error.ts'
import { collationOf } from '../query/collation.ts'
import { isSame } from '../update/update-description.ts'
import type { CollectionIndex } from './collection-index.ts'
import { sameKeyPattern } from './key-pattern.ts'

const INDEX_OPTIONS = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'background',
  'expireAfterSeconds',
  'partialFilterExpression',
  'hidden',
  'collation',
  'ns',
  'dropDups',
  'storageEngine',
  'wildcardProjection',
  'prepareUnique',
  'clustered',
])

/**
 * Checks and completes the definition of a new index.
 *
 * @throws {ServerError} An option is unknown, wrong or not supported.
 */
export function checkedSpec(spec: BsonValue): BsonDocument {
  if (!isDocument(spec) || !isDocument(spec['key']))
    throw new ServerError(
      'FailedToParse',
      "The 'key' field is a required property of an index specification",
    )
  const { key } = spec
  if (Object.keys(key).length === 0)
    throw new ServerError('CannotCreateIndex', 'Index keys cannot be an empty object')
  for (const option of Object.keys(spec)) {
    if (INDEX_OPTIONS.has(option)) continue
    throw new ServerError(
      'InvalidIndexSpecificationOption',
      `The field '${option}' is not valid for an index specification. Specification: ${printDocument(spec)}`,
    )
  }
  for (const path of Object.keys(key)) checkDirection(path, key[path] as BsonValue)
  if (spec['expireAfterSeconds'] !== undefined && Object.keys(key).length !== 1) {
    throw new ServerError(
      'CannotCreateIndex',
      'TTL indexes are single-field indexes, compound indexes do not support TTL',
    )
  }
  const { ns: _ns, background: _background, dropDups: _dropDups, ...kept } = spec
  const name = typeof spec['name'] === 'string' ? spec['name'] : defaultName(key)
  return { v: 2, ...kept, key, name, ...completeCollation(spec['collation']) }
}

function completeCollation(collation: BsonValue | undefined): BsonDocument {
  const definition = collationOf(collation).definition
  return definition ? { collation: definition } : {}
}

function checkDirection(path: string, direction: BsonValue): void {
  if (direction === 'hashed') return
  if (direction === 'text' || direction === '2d' || direction === '2dsphere') {
    throw new ServerError(
      'CommandNotSupported',
      `Indexes of type '${direction}' are not supported by the development server`,
    )
  }
  if (!isNumeric(direction) || toNumber(direction) === 0) {
    throw new ServerError(
      'CannotCreateIndex',
      `Values in v:2 index key pattern cannot be of type ${typeNameOf(direction)} or 0. Only numbers > 0, numbers < 0, and strings are allowed. Path: ${path}`,
    )
  }
}

function defaultName(key: BsonDocument): string {
  return Object.keys(key)
    .map((path) => `${path}_${isNumeric(key[path]) ? toNumber(key[path]) : plainText(key[path])}`)
    .join('_')
}

/**
 * The same index if it is there already.
 *
 * @throws {ServerError} There is an index that is nearly the same.
 */
export function existingIndex(
  collection: Collection,
  spec: BsonDocument,
): CollectionIndex | undefined {
  const name = plainText(spec['name'])
  const key = spec['key'] as BsonDocument
  if (name === '_id_' || sameKeyPattern(key, { _id: 1 })) return collection.indexes[0]
  for (const index of collection.indexes) {
    const sameKey =
      sameKeyPattern(index.keyPattern, key) && isSame(index.spec['collation'], spec['collation'])
    if (sameKey && index.name === name && sameOptions(index.spec, spec)) return index
    if (index.name === name) {
      throw new ServerError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${printDocument(spec)}, existing index: ${printDocument(index.spec)}`,
      )
    }
    if (sameKey && isSame(index.spec['partialFilterExpression'], spec['partialFilterExpression'])) {
      throw new ServerError(
        'IndexOptionsConflict',
        `Index already exists with a different name: ${index.name}`,
      )
    }
  }
  return undefined
}

function sameOptions(left: BsonDocument, right: BsonDocument): boolean {
  const truthy = (spec: BsonDocument, name: string) => spec[name] === true
  return (
    ['unique', 'sparse'].every((name) => truthy(left, name) === truthy(right, name)) &&
    ['expireAfterSeconds', 'partialFilterExpression'].every((name) =>
      isSame(left[name], right[name]),
    )
  )
}
