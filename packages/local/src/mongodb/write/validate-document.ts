import { decodeDocument } from '../bson/decode.ts'
import type { BsonDocument } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { ServerError } from '../errors/server-error.ts'

/**
 * Checks a document against the validator of its collection.
 *
 * @param before The document that is replaced: with `validationLevel: 'moderate'` documents that were
 * invalid before may stay so.
 * @throws {ServerError} The document is not valid.
 */
export function validateDocument(
  collection: Collection,
  document: Buffer | BsonDocument,
  bypass: boolean,
  before?: BsonDocument,
): void {
  const { validator, options } = collection
  const level = options['validationLevel'] ?? 'strict'
  if (!validator || bypass || level === 'off' || options['validationAction'] === 'warn') return
  const decoded = Buffer.isBuffer(document) ? decodeDocument(document) : document
  if (validator.matches(decoded)) return
  if (level === 'moderate' && before && !validator.matches(before)) return
  throw new ServerError('DocumentValidationFailure', 'Document failed validation', {
    errInfo: {
      failingDocumentId: decoded['_id'] ?? null,
      details: {
        operatorName: Object.keys(validator.source)[0] ?? '',
        specifiedAs: validator.source,
      },
    },
  })
}
