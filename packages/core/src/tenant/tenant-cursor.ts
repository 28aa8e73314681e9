import { toPlain } from './tenant-documents.ts'
import { TenantViewError } from './tenant-errors.ts'
import { filterByTenant, type TenantSight } from './tenant-filter.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** What reads, or shapes what is read. Whatever else a cursor has may lead out of the tenant's documents. */
const reading = [
  'batchSize',
  'close',
  'closed',
  'forEach',
  'hasNext',
  'map',
  'maxTimeMS',
  'next',
  'stream',
  'toArray',
  'tryNext',
  Symbol.asyncIterator,
  Symbol.asyncDispose,
] as const
const shaping = [
  'allowDiskUse',
  'collation',
  'comment',
  'count',
  'hint',
  'limit',
  'project',
  'skip',
  'sort',
]

/** Returns the cursor of a `find` with filters narrowed to the tenant, and documents as the tenant knows them. */
export function findCursorByTenant(sight: TenantSight, cursor: object): object {
  const mapped = (cursor as { map: Method }).map((document: unknown) =>
    typeof document === 'object' && document !== null ? toPlain(sight.prefix, document) : document,
  )
  return guarded(sight, mapped as object, new Set<string | symbol>([...reading, ...shaping]), true)
}

/** Returns the cursor of an `aggregate`, to be read only. */
export function aggregationCursorByTenant(sight: TenantSight, cursor: object): object {
  return guarded(sight, cursor, new Set<string | symbol>(reading), false)
}

function guarded(
  sight: TenantSight,
  cursor: object,
  offered: ReadonlySet<string | symbol>,
  canFilter: boolean,
): object {
  const own: object = new Proxy(cursor, {
    get(target, key) {
      if (key === 'filter' && canFilter)
        return (filter: unknown) => {
          ;(target as { filter: Method }).filter(filterByTenant(sight, filter))
          return own
        }
      if (!offered.has(key)) {
        // Looked for by the language and by tools: whether it is a promise, how it is shown.
        if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return undefined
        throw new TenantViewError(sight.model, `"${key}" of a cursor`, 'read with what is left')
      }
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        const result = (member as Method).apply(target, args)
        if (result === target) return own
        return key === 'map' && typeof result === 'object' && result !== null
          ? guarded(sight, result, offered, canFilter)
          : result
      }
    },
    set(_, key) {
      throw new TenantViewError(sight.model, `Changing "${String(key)}" of a cursor`, 'leave it')
    },
  })
  return own
}
