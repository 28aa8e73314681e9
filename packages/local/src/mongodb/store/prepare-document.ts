import { BSONRegExp, Timestamp } from 'bson'
import { typeNameOf } from '../bson/bson-type.ts'
import { decodeDocument, decodeValue } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { rawElements, startsWithId, type RawElement } from '../bson/raw-document.ts'
import {
  fieldOf,
  newObjectId,
  timestampOf,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'

/** Largest document, in bytes. */
export const MAX_DOCUMENT_SIZE = 16 * 1024 * 1024

/** A document ready to be stored: `_id` first. */
export interface PreparedDocument {
  readonly bytes: Buffer
  readonly id: BsonValue
}

/**
 * Makes a new document ready: gives it an `_id` when it has none, puts the `_id` first and fills
 * empty timestamps.
 *
 * @param id The `_id` when the document itself has none; a new ObjectId by default.
 * @throws {ServerError} The document is too large or its `_id` is not allowed.
 */
export function prepareDocument(raw: Buffer, now: bigint, id?: BsonValue): PreparedDocument {
  let first: RawElement | undefined
  let rewrite = !startsWithId(raw)
  for (const element of rawElements(raw)) {
    first ??= element
    if (element.type === 17 && raw.readBigUInt64LE(element.at) === 0n) rewrite = true
  }
  if (first && !rewrite) {
    assertSize(raw.length, 'document to insert')
    const value = decodeValue(raw, first.type, first.at)
    assertId(value)
    return { bytes: Buffer.from(raw), id: value }
  }
  return rewritten(decodeDocument(raw), now, id)
}

function rewritten(document: BsonDocument, now: bigint, given?: BsonValue): PreparedDocument {
  const own = fieldOf(document, '_id')
  const id = own === undefined ? (given ?? newObjectId()) : own
  assertId(id)
  const ordered: BsonDocument = { _id: id, ...document }
  ordered['_id'] = id
  for (const name of Object.keys(ordered)) {
    const value = ordered[name]
    if (name !== '_id' && value instanceof Timestamp && value.t === 0 && value.i === 0)
      ordered[name] = timestampOf(now)
  }
  const bytes = encodeDocument(ordered)
  assertSize(bytes.length, 'document to insert')
  return { bytes, id }
}

/**
 * Checks what may be an `_id`.
 *
 * @throws {ServerError} Arrays, regular expressions and operators are no ids.
 */
export function assertId(id: BsonValue): void {
  if (Array.isArray(id) || id instanceof BSONRegExp) {
    throw new ServerError('InvalidIdField', `The '_id' value cannot be of type ${typeNameOf(id)}`)
  }
  if (typeNameOf(id) !== 'object') return
  const operator = Object.keys(id as BsonDocument).find((name) => name.startsWith('$'))
  if (operator !== undefined && !['$ref', '$id', '$db'].includes(operator)) {
    throw new ServerError(
      'DollarPrefixedFieldName',
      `_id fields may not contain '$'-prefixed fields: ${operator} is not valid for storage.`,
    )
  }
}

/**
 * Checks the size of a document.
 *
 * @throws {ServerError} It is over 16 MB.
 */
export function assertSize(size: number, subject: string): void {
  if (size <= MAX_DOCUMENT_SIZE) return
  throw new ServerError(
    'BSONObjectTooLarge',
    `BSONObj size: ${size} (0x${size.toString(16).toUpperCase()}) is invalid. Size must be between 0 and ${MAX_DOCUMENT_SIZE}(16MB) for the ${subject}`,
  )
}
