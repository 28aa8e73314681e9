import { aggregateIdOf, type StreamName } from '../event-store/stream-name.ts'
import type { EventContext } from '../projection/event-context.ts'
import { TenantMismatchError } from './tenant-errors.ts'
import { parseTenantId, type TenantId } from './tenant-id.ts'

/**
 * Says whose event it is: by its stream, which its writer cannot choose. What the metadata say must agree.
 *
 * @throws {TenantMismatchError} It is in no tenant's stream, or its metadata name another tenant.
 */
export function ownerOf({ stream, metadata }: Pick<EventContext, 'stream' | 'metadata'>): TenantId {
  const owner = ownerOfStream(stream)
  if (metadata.tenant !== owner.tenant)
    throw new TenantMismatchError(`An event in stream "${stream}"`, metadata.tenant, owner.tenant)
  return owner
}

function ownerOfStream(stream: StreamName): TenantId {
  const owner = parseTenantId(aggregateIdOf(stream))
  if (!owner) throw new TenantMismatchError(`Stream "${stream}"`, undefined, undefined)
  return owner
}
