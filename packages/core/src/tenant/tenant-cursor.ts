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
const shaping = ['allowDiskUse', 'comment', 'count', 'hint', 'limit', 'project', 'skip', 'sort']

/** What a `find` asks for, as far as it decides which documents are found. */
interface Asked {
  filter?: unknown
  collation?: unknown
}

/** Returns the cursor of a `find` with filters narrowed to the tenant, and documents as the tenant knows them. */
export function findCursorByTenant(sight: TenantSight, cursor: object, asked: Asked): object {
  const mapped = (cursor as { map: Method }).map((document: unknown) =>
    typeof document === 'object' && document !== null ? toPlain(sight.prefix, document) : document,
  )
  return guarded(sight, mapped as object, new Set<string | symbol>([...reading, ...shaping]), asked)
}

/** Returns the cursor of an `aggregate`, to be read only. */
export function aggregationCursorByTenant(sight: TenantSight, cursor: object): object {
  return guarded(sight, cursor, new Set<string | symbol>(reading))
}

function guarded(
  sight: TenantSight,
  cursor: object,
  offered: ReadonlySet<string | symbol>,
  asked?: Asked,
): object {
  const own: object = new Proxy(cursor, {
    get(target, key) {
      if (asked && (key === 'filter' || key === 'collation'))
        return (given: unknown) => {
          const finding = target as { filter: Method; collation: Method }
          asked[key] = given
          finding.filter(filterByTenant(sight, asked.filter, asked))
          if (key === 'collation') finding.collation(given)
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
          ? guarded(sight, result, offered, asked)
          : result
      }
    },
    set(_, key) {
      throw new TenantViewError(sight.model, `Changing "${String(key)}" of a cursor`, 'leave it')
    },
  })
  return own
}
