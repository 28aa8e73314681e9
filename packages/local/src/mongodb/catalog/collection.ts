import { plainText } from '../bson/print-value.ts'
import { isDocument, isNumeric, toNumber, type BsonDocument } from '../bson/value.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import { collationOf, type Collation } from '../query/collation.ts'
import { compileFilter, type Filter } from '../query/filter.ts'
import { namespaceOf, type Namespace } from './namespace.ts'

/** A view: a pipeline over another namespace of the same database. */
export interface ViewDefinition {
  readonly viewOn: string
  readonly pipeline: readonly BsonDocument[]
}

/** A collection or view of the catalog. */
export class Collection {
  namespace: Namespace
  indexes: CollectionIndex[] = []
  collation: Collation
  validator: Filter | undefined
  view: ViewDefinition | undefined
  /** Row id of the newest document. */
  lastRow = 0
  /** True once dropped: open cursors must not go on. */
  dropped = false
  /** False until the transaction that created the collection commits. */
  committed = true

  /** @param options What `create` was given, without the name. */
  constructor(
    readonly id: number,
    ns: string,
    readonly uuid: Buffer,
    public options: BsonDocument,
  ) {
    this.namespace = namespaceOf(ns)
    this.collation = collationOf(options['collation'])
    this.applyOptions(options)
  }

  get ns(): string {
    return this.namespace.full
  }

  /** True when documents keep an image before each change for change streams. */
  get hasPreImages(): boolean {
    const option = this.options['changeStreamPreAndPostImages']
    return isDocument(option) && option['enabled'] === true
  }

  /** The fields of a time-series collection, which keeps measurements and has no unique `_id`. */
  get timeseries(): { readonly timeField: string; readonly metaField?: string } | undefined {
    const option = this.options['timeseries']
    if (!isDocument(option)) return undefined
    const { timeField, metaField } = option
    return {
      timeField: plainText(timeField),
      ...(typeof metaField === 'string' ? { metaField } : {}),
    }
  }

  /** True when documents lie in the order of their `_id`. */
  get clustered(): boolean {
    return isDocument(this.options['clusteredIndex'])
  }

  /** Bounds of a capped collection. */
  get capped(): { readonly size: number; readonly max: number } | undefined {
    const { capped, size, max } = this.options
    if (capped !== true || !isNumeric(size)) return undefined
    const most = isNumeric(max) ? toNumber(max) : 0
    return { size: toNumber(size), max: most > 0 ? most : Infinity }
  }

  /** Takes over options that `collMod` can change. */
  applyOptions(options: BsonDocument): void {
    this.options = options
    const validator = options['validator']
    this.validator =
      isDocument(validator) && Object.keys(validator).length > 0
        ? compileFilter(validator)
        : undefined
    const { viewOn, pipeline } = options
    this.view =
      typeof viewOn === 'string'
        ? { viewOn, pipeline: (Array.isArray(pipeline) ? pipeline : []) as BsonDocument[] }
        : undefined
  }
}
