import { DocumentTooLargeError, type ReadModelDocument, UnstorableDocumentError } from '@varve/core'
import { copyDocument, newNotes } from './copy-document.ts'
import { bsonBytes } from './document-size.ts'
import { findUnstorable } from './find-unstorable.ts'

/** A document as the store keeps it: nobody else holds it, so it never changes. */
export interface ReadModelRow {
  readonly document: ReadModelDocument
  /** What filters and sorts look at: the document, its bigints as numbers, so that both compare as in MongoDB. */
  readonly comparable: ReadModelDocument
}

/** Most bytes of a document, as in MongoDB. */
export const maxDocumentBytes = 16 * 1024 * 1024

/**
 * Takes a document in.
 *
 * @throws {DocumentTooLargeError}
 * @throws {UnstorableDocumentError}
 */
export function toRow(model: string, id: string, source: ReadModelDocument): ReadModelRow {
  const notes = newNotes()
  const document = copyDocument(source, notes)
  if (notes.hasUnstorable || '_meta' in document) refuseUnstorable(model, id, source)
  // One character takes up to three bytes and a number eight: count exactly only where it could matter.
  if (notes.characters * 3 > maxDocumentBytes) {
    const bytes = bsonBytes(document)
    if (bytes > maxDocumentBytes)
      throw new DocumentTooLargeError(model, id, bytes, maxDocumentBytes)
  }
  return { document, comparable: notes.hasBigint ? withNumbers(document) : document }
}

/** Copies a value with its bigints as numbers, exact or not: for comparing. */
export function withNumbers<T>(value: T): T {
  return numbered(value, Number) as T
}

/** Copies a value with those bigints as numbers that are exact as such: what MongoDB's driver returns. */
export function withExactNumbers<T>(value: T): T {
  return numbered(value, (bigint) => {
    const number = Number(bigint)
    return Number.isSafeInteger(number) ? number : bigint
  }) as T
}

/** @throws {UnstorableDocumentError} Names the first value that cannot be stored. */
export function refuseUnstorable(model: string, id: string, source: object): never {
  const { path, reason } = findUnstorable(source) ?? { path: '', reason: 'holds no data' }
  throw new UnstorableDocumentError(model, id, path, reason)
}

function numbered(value: unknown, convert: (bigint: bigint) => number | bigint): unknown {
  if (typeof value === 'bigint') return convert(value)
  if (Array.isArray(value)) return value.map((item) => numbered(item, convert))
  if (typeof value !== 'object' || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, numbered(member, convert)]),
  )
}
