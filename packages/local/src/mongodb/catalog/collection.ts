import { plainText } from '../bson/print-value.ts'
import { isDocument, isNumeric, toNumber, type BsonDocument } from '../bson/value.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import { collationOf, type Collation } from '../query/collation.ts'
import { compileFilter, type Filter } from '../query/filter.ts'
import type { CappedUse } from '../store/capped-collection.ts'
import { namespaceOf, type Namespace } from './namespace.ts'

/** A view: a pipeline over another namespace of the same database. */
export interface ViewDefinition {
  readonly viewOn: string
  readonly pipeline: readonly BsonDocument[]
}

/** Names of the fields that measurements have. */
export interface TimeSeries {
  readonly timeField: string
  readonly metaField?: string
}

/** How much a capped collection holds: bytes and documents. */
export interface CappedBounds {
  readonly size: number
  readonly max: number
}

function timeSeriesOf({ timeseries }: BsonDocument): TimeSeries | undefined {
  if (!isDocument(timeseries)) return undefined
  const { timeField, metaField } = timeseries
  return {
    timeField: plainText(timeField),
    ...(typeof metaField === 'string' ? { metaField } : {}),
  }
}

function boundsOf({ capped, size, max }: BsonDocument): CappedBounds | undefined {
  if (capped !== true || !isNumeric(size)) return undefined
  const most = isNumeric(max) ? toNumber(max) : 0
  return { size: toNumber(size), max: most > 0 ? most : Infinity }
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
  /** The fields of a time series, which keeps measurements and has no unique `_id`. */
  timeseries: TimeSeries | undefined
  /** Bounds of a capped collection. */
  capped: CappedBounds | undefined
  /** True when documents lie in the order of their `_id`. */
  clustered = false
  /** What a capped collection holds, once somebody has counted. */
  cappedUse: CappedUse | undefined
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

  /** Takes over options that `collMod` can change. */
  applyOptions(options: BsonDocument): void {
    const { validator } = options
    const hasValidator = isDocument(validator) && Object.keys(validator).length > 0
    this.validator = hasValidator ? compileFilter(validator) : undefined
    this.options = options
    this.timeseries = timeSeriesOf(options)
    this.capped = boundsOf(options)
    this.clustered = isDocument(options['clusteredIndex'])
    const { viewOn, pipeline } = options
    this.view =
      typeof viewOn === 'string'
        ? { viewOn, pipeline: (Array.isArray(pipeline) ? pipeline : []) as BsonDocument[] }
        : undefined
  }
}
