import { plainText } from '../bson/print-value.ts'
import { ByteWriter } from '../bson/byte-writer.ts'
import { writeKey } from '../bson/key-encoding.ts'
import {
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { collationOf, type Collation } from '../query/collation.ts'
import { compileFilter, type Filter } from '../query/filter.ts'
import { sameKeyPattern } from './key-pattern.ts'
import { keyTuplesOf, type KeyTuple } from './index-keys.ts'

/** One field of an index. */
export interface IndexField {
  readonly path: string
  readonly parts: readonly string[]
  readonly descending: boolean
}

/** The entries of one document in an index. */
export interface IndexKeys {
  readonly keys: readonly Buffer[]
  readonly tuples: readonly KeyTuple[]
  readonly multikey: boolean
}

const NO_KEYS: IndexKeys = { keys: [], tuples: [], multikey: false }

/** An index of a collection: its definition, and the keys it has for a document. */
export class CollectionIndex {
  readonly name: string
  readonly keyPattern: BsonDocument
  readonly fields: readonly IndexField[]
  readonly sparse: boolean
  readonly partial: Filter | undefined
  readonly collation: Collation
  /** False for hashed and wildcard indexes: they are listed, and queries scan instead. */
  readonly ordered: boolean
  /** True once any document had an array on one of the paths. */
  multikey: boolean
  readonly #isId: boolean

  constructor(
    readonly id: number,
    readonly collectionId: number,
    public spec: BsonDocument,
    multikey = false,
  ) {
    this.name = plainText(spec['name'])
    this.keyPattern = spec['key'] as BsonDocument
    this.fields = Object.keys(this.keyPattern).map((path) => ({
      path,
      parts: path.split('.'),
      descending: isDescending(this.keyPattern[path]),
    }))
    this.ordered = this.fields.every(
      ({ path }) => isNumeric(this.keyPattern[path]) && !path.includes('$**'),
    )
    this.sparse = spec['sparse'] === true
    const partial = spec['partialFilterExpression']
    this.partial = isDocument(partial) ? compileFilter(partial) : undefined
    this.collation = collationOf(spec['collation'])
    this.multikey = multikey
    this.#isId = sameKeyPattern(this.keyPattern, { _id: 1 })
  }

  /** True for the index every collection has; its entries are the documents themselves. */
  get isIdIndex(): boolean {
    return this.#isId
  }

  /** True when two documents must not have the same key. */
  get unique(): boolean {
    return this.spec['unique'] === true || this.spec['prepareUnique'] === true
  }

  /** True when queries must not use the index. */
  get hidden(): boolean {
    return this.spec['hidden'] === true
  }

  /** Seconds after which documents expire, for a TTL index. */
  get expireAfterSeconds(): number | undefined {
    const value = this.spec['expireAfterSeconds']
    return isNumeric(value) ? toNumber(value) : undefined
  }

  /** The entries for a document, without duplicates. */
  keysOf(document: BsonDocument): IndexKeys {
    if (!this.ordered || (this.partial && !this.partial.matches(document))) return NO_KEYS
    const found = keyTuplesOf(
      document,
      this.fields.map((field) => field.parts),
    )
    if (this.sparse && found.absent) return NO_KEYS
    if (found.tuples.length === 1) {
      const keys = found.tuples.map((tuple) => this.encode(tuple))
      return { keys, tuples: found.tuples, multikey: found.multikey }
    }
    const distinct = new Map<string, readonly [Buffer, KeyTuple]>()
    for (const tuple of found.tuples) {
      const key = this.encode(tuple)
      distinct.set(key.toString('latin1'), [key, tuple])
    }
    const entries = [...distinct.values()]
    return {
      keys: entries.map(([key]) => key),
      tuples: entries.map(([, tuple]) => tuple),
      multikey: found.multikey,
    }
  }

  /** Encodes the leading values of a key; descending fields are inverted. */
  encode(values: KeyTuple): Buffer {
    const writer = new ByteWriter(48)
    values.forEach((value, position) => {
      const start = writer.length
      writeKey(writer, value, this.collation.key)
      if (this.fields[position]?.descending) writer.invertFrom(start)
    })
    return writer.finish()
  }

  /** The values of a key by field name, as duplicate key errors report them. */
  keyValue(tuple: KeyTuple): BsonDocument {
    return Object.fromEntries(
      this.fields.map(({ path }, position) => [path, tuple[position] ?? null]),
    )
  }
}

function isDescending(direction: BsonValue | undefined): boolean {
  return isNumeric(direction) && toNumber(direction) < 0
}
