import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import type { DocumentOfState } from '../projection/from-snapshot.ts'
import type {
  ApplyToDocument,
  DocumentJoin,
  DocumentKey,
  ProjectionDefinition,
  ProjectionHandler,
  UpdateOfDocument,
} from '../projection/projection-definition.ts'
import { keyByAggregate } from '../projection/projection-definition.ts'
import type { ReadModelDefinition } from '../read-model/read-model-definition.ts'
import { InvalidDocumentError } from '../projection/projection-errors.ts'
import { TenantEventContext } from './tenant-event-context.ts'
import { tenantField, toPlain, toStored } from './tenant-documents.ts'
import { TenantRequiredError } from './tenant-errors.ts'
import { parseTenantId, prefixOf, tenantId } from './tenant-id.ts'

/** Finds the stored form of a read model: the same one for the same model. */
export type StoredModel = (model: ReadModelDefinition) => ReadModelDefinition

/** Finds the stored form of an aggregate: the same one for the same aggregate. */
export type StoredAggregate = (aggregate: AggregateDefinition) => AggregateDefinition

/**
 * Makes a projection one whose documents are stored by tenant. Its handlers see the events, documents and ids of one
 * tenant at a time, without the tenant.
 */
export function projectionByTenant(
  projection: ProjectionDefinition,
  stored: StoredModel,
  storedAggregate: StoredAggregate,
): ProjectionDefinition {
  const { fromSnapshot } = projection
  return {
    ...projection,
    models: projection.models.map(stored),
    handlers: projection.handlers.map((handler) => handlerByTenant(handler, stored)),
    ...(fromSnapshot && {
      fromSnapshot: {
        ...fromSnapshot,
        aggregate: storedAggregate(fromSnapshot.aggregate),
        model: stored(fromSnapshot.model),
        bind: (scope) => documentByTenant(fromSnapshot.bind(scope)),
      },
    }),
  }
}

function documentByTenant(documentOf: DocumentOfState): DocumentOfState {
  return (state, context) => {
    const owner = parseTenantId(context.aggregateId)
    if (!owner) throw new TenantRequiredError(`A snapshot of "${context.aggregateId}"`)
    const document = documentOf(state, { ...context, aggregateId: owner.id })
    // What is no document is reported by whoever called.
    if (document === undefined || document === null || 'then' in document) return document
    refuseTenant(document)
    return toStored(owner.tenant, document)
  }
}

function handlerByTenant(handler: ProjectionHandler, stored: StoredModel): ProjectionHandler {
  const model = stored(handler.model)
  const key = keyByTenant(handler.key)
  if (handler.kind === 'write')
    return { ...handler, model, key, bind: (scope) => updateByTenant(handler.bind(scope)) }
  const joins = handler.joins?.map((join) => joinByTenant(join, stored))
  return {
    ...handler,
    model,
    key,
    ...(joins && { joins }),
    bind: (scope) => applyByTenant(handler.bind(scope)),
  }
}

function keyByTenant(key: DocumentKey): DocumentKey {
  // The aggregate's stored id is the document's, and it is known without a look at the event.
  if (key === keyByAggregate) return key
  return (event, context) => {
    const own = new TenantEventContext(context)
    const found = key(event, own)
    if (found === undefined) return undefined
    const ids = typeof found === 'string' ? [found] : found
    return ids.map((id) => storedKey(own.owner.tenant, id))
  }
}

function storedKey(tenant: string, id: unknown): string {
  if (typeof id === 'string' && id !== '') return tenantId(tenant, id)
  throw new InvalidDocumentError(`the key ${JSON.stringify(id)}`, 'a non-empty string')
}

function joinByTenant({ model, id }: DocumentJoin, stored: StoredModel): DocumentJoin {
  return {
    model: stored(model),
    id: (event, context) => {
      const own = new TenantEventContext(context)
      const found = id(event, own)
      return found === undefined ? undefined : tenantId(own.owner.tenant, found)
    },
  }
}

function applyByTenant(apply: ApplyToDocument): ApplyToDocument {
  return (event, document, context, joined) => {
    const own = new TenantEventContext(context)
    const { tenant } = own.owner
    const prefix = prefixOf(tenant)
    const plain = document && toPlain(prefix, document)
    const result = apply(
      event,
      plain,
      own,
      joined.map((one) => one && toPlain(prefix, one)),
    )
    if (result === null) return null
    const changed = result ?? plain
    // What is no document is reported by whoever called.
    if (typeof changed !== 'object' || 'then' in changed) return changed
    refuseTenant(changed)
    return toStored(tenant, changed)
  }
}

function refuseTenant(document: object): void {
  if (tenantField in document)
    throw new InvalidDocumentError(`a document with "${tenantField}"`, keptForTenants)
}

const keptForTenants = 'another field: this one says whose document it is'

function updateByTenant(update: UpdateOfDocument): UpdateOfDocument {
  return (event, context) => {
    const own = new TenantEventContext(context)
    const operators = update(event, own)
    if (operators === undefined) return undefined
    for (const [operator, fields] of Object.entries(operators)) refuseTenantField(operator, fields)
    const { $set: set, ...others } = operators
    return { ...others, $set: { ...(set as object | undefined), [tenantField]: own.owner.tenant } }
  }
}

function refuseTenantField(operator: string, fields: unknown): void {
  if (typeof fields !== 'object' || fields === null) return
  const renamed: readonly unknown[] = operator === '$rename' ? Object.values(fields) : []
  const paths = [...Object.keys(fields), ...renamed.map(String)]
  if (paths.some((path) => path === tenantField || path.startsWith(`${tenantField}.`)))
    throw new InvalidDocumentError(`an update of "${tenantField}"`, keptForTenants)
}
