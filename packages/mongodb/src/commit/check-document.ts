import { DocumentTooLargeError, type ReadModelDocument } from '@varve/core'
import { BSON } from 'mongodb'
import { UnstorableDocumentError } from '@varve/core'

/** MongoDB's limit for one document, in bytes. */
const maxDocumentBytes = 16 * 1024 * 1024
/** What `_meta`, or the fields around a version in the history, add at most besides the id. */
const envelopeBytes = 256
const maxInt64 = 2n ** 63n - 1n
const minInt64 = -(2n ** 63n)
/** BSON allows 100 levels; deeper than this is a cycle, which the driver names better. */
const maxDepth = 200

/**
 * Refuses a document before anything is sent: one that is too large, and one with values that BSON would
 * drop or change without a word.
 *
 * One walk over the values estimates the size from above; only where that is over the limit is BSON asked.
 *
 * @throws {DocumentTooLargeError}
 * @throws {UnstorableDocumentError}
 */
export function checkDocument(model: string, id: string, document: ReadModelDocument): void {
  if ('_meta' in document) {
    throw new UnstorableDocumentError(model, id, '_meta', 'is kept for Varve; use another name')
  }
  const walk = new DocumentWalk(model, id)
  walk.visit(document, 0)
  if (walk.bytes < maxDocumentBytes) return
  const bytes = BSON.calculateObjectSize(document, { ignoreUndefined: true })
  const stored = bytes + envelopeBytes + 2 * Buffer.byteLength(id)
  if (stored >= maxDocumentBytes) {
    throw new DocumentTooLargeError(model, id, stored, maxDocumentBytes)
  }
}

class DocumentWalk {
  /** At least as many as BSON will need. */
  bytes = envelopeBytes
  readonly #path: string[] = []

  constructor(
    readonly model: string,
    readonly id: string,
  ) {}

  visit(holder: object, depth: number): void {
    if (depth > maxDepth) return
    for (const key in holder) {
      // Up to three bytes of UTF-8 for each unit of a string; 32 for the type, a number or a length.
      this.bytes += 3 * key.length + 32
      const value = (holder as Record<string, unknown>)[key]
      switch (typeof value) {
        case 'string':
          this.bytes += 3 * value.length
          break
        case 'object':
          if (value !== null) this.#visitObject(key, value, depth)
          break
        case 'bigint':
          if (value > maxInt64 || value < minInt64) {
            this.#refuse(key, `is ${value}, over 64 bits; store it as a string or Decimal128`)
          }
          break
        case 'function':
        case 'symbol':
          this.#refuse(key, `is a ${typeof value}; store data only`)
          break
        default:
      }
    }
  }

  #visitObject(key: string, value: object, depth: number): void {
    if (value instanceof Date || value instanceof RegExp) return
    if (ArrayBuffer.isView(value)) {
      this.bytes += value.byteLength
    } else if (value instanceof Map || value instanceof Set) {
      const kind = value instanceof Map ? 'Map' : 'Set'
      this.#refuse(key, `is a ${kind}, which MongoDB cannot give back; store an object or an array`)
    } else if ('_bsontype' in value) {
      this.bytes += BSON.calculateObjectSize({ value })
    } else {
      this.#path.push(key)
      this.visit(value, depth + 1)
      this.#path.pop()
    }
  }

  #refuse(key: string, reason: string): never {
    throw new UnstorableDocumentError(this.model, this.id, [...this.#path, key].join('.'), reason)
  }
}
