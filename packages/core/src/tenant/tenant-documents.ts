import type { ReadModelDefinition, ReadModelDocument } from '../read-model/read-model-definition.ts'
import { tenantId } from './tenant-id.ts'

/** Field of a document that says whose it is. */
export const tenantField = '_tenant'

/** Makes a document one that is stored for a tenant. */
export function toStored(tenant: string, document: ReadModelDocument): ReadModelDocument {
  return Object.assign(
    { ...document, _id: tenantId(tenant, document._id) },
    { [tenantField]: tenant },
  )
}

/**
 * Makes a stored document what the tenant's own code knows: without the tenant, and with the id it was given. Parts of
 * documents, as projections return them, have what is left of that.
 */
export function toPlain<Document extends object>(prefix: string, stored: Document): Document {
  const plain = { ...stored } as Record<string, unknown>
  const { _id: id } = plain
  if (typeof id === 'string' && id.startsWith(prefix)) plain['_id'] = id.slice(prefix.length)
  Reflect.deleteProperty(plain, tenantField)
  return plain as Document
}

/** Makes a read model one whose indexes, unique ones too, are within each tenant. */
export function readModelByTenant(model: ReadModelDefinition): ReadModelDefinition {
  const own = model.indexes.map((index) => ({
    ...index,
    keys: { [tenantField]: 1 as const, ...index.keys },
  }))
  return { ...model, indexes: [{ keys: { [tenantField]: 1 } }, ...own] }
}
