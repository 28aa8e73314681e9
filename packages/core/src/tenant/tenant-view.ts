import { aggregationCursorByTenant, findCursorByTenant } from './tenant-cursor.ts'
import { tenantField, toPlain } from './tenant-documents.ts'
import { TenantViewError } from './tenant-errors.ts'
import { type Filter, filterByTenant, type TenantSight } from './tenant-filter.ts'
import { prefixOf } from './tenant-id.ts'
import { pipelineByTenant } from './tenant-pipeline.ts'

/** What every view answers, whatever its store. */
interface View {
  findOne(filter: Filter, options?: object): Promise<object | null>
  find(filter: Filter, options?: object): object
  aggregate(pipeline: readonly Filter[], options?: object): object
  countDocuments(filter: Filter, options?: object): Promise<number>
  distinct(key: string, filter: Filter, options?: object): Promise<unknown[]>
}

/**
 * A read model as one tenant sees it: its own documents, with the ids it gave them, and no way to others. The collection
 * itself is not offered.
 */
export class TenantView {
  /** Not offered: it has the documents of all tenants. */
  readonly collection = undefined
  readonly #view: View
  readonly #sight: TenantSight

  constructor(view: unknown, tenant: string, model: string) {
    this.#view = view as View
    this.#sight = { tenant, prefix: prefixOf(tenant), model }
  }

  /** As that of the view, among the tenant's documents. */
  async findOne(filter?: unknown, options?: object): Promise<object | null> {
    const found = await this.#view.findOne(filterByTenant(this.#sight, filter, options), options)
    return found && toPlain(this.#sight.prefix, found)
  }

  /** As that of the view, among the tenant's documents. */
  find(filter?: unknown, options?: object): object {
    const cursor = this.#view.find(filterByTenant(this.#sight, filter, options), options)
    return findCursorByTenant(this.#sight, cursor, { ...options, filter })
  }

  /**
   * As that of the view, among the tenant's documents.
   *
   * @throws {TenantViewError} A stage reads or writes other documents.
   */
  aggregate(pipeline?: unknown, options?: object): object {
    if (options && 'out' in options)
      throw new TenantViewError(this.#sight.model, 'The option "out"', 'it writes; read instead')
    const cursor = this.#view.aggregate(pipelineByTenant(this.#sight, pipeline, options), options)
    return aggregationCursorByTenant(this.#sight, cursor)
  }

  /** As that of the view, among the tenant's documents. */
  async countDocuments(filter?: unknown, options?: object): Promise<number> {
    return this.#view.countDocuments(filterByTenant(this.#sight, filter, options), options)
  }

  /** As that of the view, among the tenant's documents. */
  async distinct(key: string, filter?: unknown, options?: object): Promise<unknown[]> {
    const { model, prefix } = this.#sight
    if (key === tenantField)
      throw new TenantViewError(model, `Values of "${tenantField}"`, 'they say nothing')
    const values = await this.#view.distinct(
      key,
      filterByTenant(this.#sight, filter, options),
      options,
    )
    if (key !== '_id') return values
    return values.map((id) => (typeof id === 'string' ? id.slice(prefix.length) : id))
  }
}
