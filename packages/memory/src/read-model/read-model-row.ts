import { DocumentTooLargeError, type ReadModelDocument } from '@varve/core'
import { copyDocument } from './copy-document.ts'
import { bsonBytes } from './document-size.ts'

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
 */
export function toRow(model: string, id: string, source: ReadModelDocument): ReadModelRow {
  const notes = { hasBigint: false, characters: 0 }
  const document = copyDocument(source, notes)
  // One character takes up to three bytes and a number eight: count exactly only where it could matter.
  if (notes.characters * 3 > maxDocumentBytes) {
    const bytes = bsonBytes(document)
    if (bytes > maxDocumentBytes)
      throw new DocumentTooLargeError(model, id, bytes, maxDocumentBytes)
  }
  return { document, comparable: notes.hasBigint ? withNumbers(document) : document }
}

/** Copies a value with its bigints as numbers. */
export function withNumbers<T>(value: T): T {
  return numbered(value) as T
}

function numbered(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(numbered)
  if (typeof value !== 'object' || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, numbered(member)]))
}
