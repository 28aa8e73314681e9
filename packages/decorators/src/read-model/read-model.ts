import type { Constructor, HistoryRetention, IndexDefinition, ReadModelDocument } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'

/** A class whose instances are shaped like the documents of a read model. */
export type ReadModelClass = Constructor<ReadModelDocument>

/** What `@ReadModel` says of a class beyond its name. */
export interface ReadModelDecoratorOptions {
  /** Default none beyond `_id`. */
  readonly indexes?: readonly IndexDefinition[]
  /** Keeps the versions of a document, all or some, so that `asOf` queries are index reads. Default false. */
  readonly history?: boolean | HistoryRetention
}

/** Records of {@link ReadModel}. */
export const readModelKey = metadataKey<ReadModelDecoratorOptions & { readonly name: string }>(
  'read-model',
)

/**
 * Makes a class a read model: what its documents look like. The class is never instantiated.
 *
 * @param name Stable name, in the names of its collections; never inherited.
 */
export function ReadModel(name: string, options: ReadModelDecoratorOptions = {}) {
  return (target: ReadModelClass): void => record(readModelKey, target, { name, ...options })
}
