import type { Constructor } from '../message/constructor.ts'

/** A read-model document: plain data with a string `_id`. */
export interface ReadModelDocument {
  readonly _id: string
}

/** Index of a read model, in MongoDB's terms: 1 ascending, -1 descending. */
export interface IndexDefinition {
  readonly keys: Readonly<Record<string, 1 | -1>>
  readonly unique?: boolean
  readonly sparse?: boolean
  readonly name?: string
}

/**
 * Which versions of a history are kept; those that are valid still always are. A query of a time before is answered as
 * if there were no history.
 */
export interface HistoryRetention {
  /** Versions may be dropped this long after they ended, in milliseconds. Default: never. */
  readonly keepMs?: number
  /** Most versions kept of a document, the newest ones, at least 1. Default: all. */
  readonly keepVersions?: number
}

/** The documents a projection builds. */
export interface ReadModelDefinition<Document extends ReadModelDocument = ReadModelDocument> {
  readonly kind: 'read-model'
  /** Stable name; physical collections are `<name>__v<version>_<number>`. */
  readonly name: string
  readonly indexes: readonly IndexDefinition[]
  /** Whether every version of a document is kept with its validity. */
  readonly history: boolean
  /** Which versions are kept. Default: all. */
  readonly retention?: HistoryRetention
  /** Class of the documents, where there is one: what `reads` and `into` name. */
  readonly class?: Constructor<Document>
}

/** What a user says of a read model. */
export interface ReadModelOptions<Document extends ReadModelDocument = ReadModelDocument> {
  /** Default none beyond `_id`. */
  readonly indexes?: readonly IndexDefinition[]
  /** Keeps the versions of a document, all or some, so that `asOf` queries are index reads. Default false. */
  readonly history?: boolean | HistoryRetention
  readonly class?: Constructor<Document>
}

/** Defines a read model without a decorator. */
export function defineReadModel<Document extends ReadModelDocument>(
  name: string,
  options: ReadModelOptions<Document> = {},
): ReadModelDefinition<Document> {
  const { history = false } = options
  return {
    kind: 'read-model',
    name,
    indexes: options.indexes ?? [],
    history: history !== false,
    ...(typeof history === 'object' && { retention: history }),
    ...(options.class && { class: options.class }),
  }
}
