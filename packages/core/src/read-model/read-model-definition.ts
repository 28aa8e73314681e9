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

/** The documents a projection builds. */
export interface ReadModelDefinition<Document extends ReadModelDocument = ReadModelDocument> {
  readonly kind: 'read-model'
  /** Stable name; physical collections are `<name>__v<version>_<number>`. */
  readonly name: string
  readonly indexes: readonly IndexDefinition[]
  /** Whether every version of a document is kept with its validity. */
  readonly history: boolean
  /** Class of the documents, where there is one: what `reads` and `into` name. */
  readonly class?: Constructor<Document>
}

/** What a user says of a read model. */
export interface ReadModelOptions<Document extends ReadModelDocument = ReadModelDocument> {
  /** Default none beyond `_id`. */
  readonly indexes?: readonly IndexDefinition[]
  /** Keeps every version of a document, so that `asOf` queries are index reads. Default false. */
  readonly history?: boolean
  readonly class?: Constructor<Document>
}

/** Defines a read model without a decorator. */
export function defineReadModel<Document extends ReadModelDocument>(
  name: string,
  options: ReadModelOptions<Document> = {},
): ReadModelDefinition<Document> {
  return {
    kind: 'read-model',
    name,
    indexes: options.indexes ?? [],
    history: options.history ?? false,
    ...(options.class && { class: options.class }),
  }
}
