type Method = (...args: unknown[]) => unknown

/** Hears what a query reads: the ids of documents, or undefined where it may be any. */
export type OnRead = (ids: readonly string[] | undefined) => void

/** Where the calls that can name documents have their filter, and their options behind it. */
const filterAt: Readonly<Record<string, number>> = {
  findOne: 0,
  find: 0,
  countDocuments: 0,
  distinct: 1,
}

/**
 * Returns a view that tells which documents are read through it.
 *
 * A call whose filter names `_id` reads these documents only, whatever else it asks of them. Anything else that is
 * done with the view reads all of them.
 */
export function trackView(view: unknown, onRead: OnRead): unknown {
  if (typeof view !== 'object' || view === null) {
    onRead(undefined)
    return view
  }
  return new Proxy(view, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member === 'function')
        return (...args: unknown[]) => call(target, key, args, onRead)
      if (member !== undefined) onRead(undefined)
      return member
    },
  })
}

function call(view: object, key: string | symbol, args: unknown[], onRead: OnRead): unknown {
  const ids = idsRead(key, args)
  onRead(ids)
  const method = Reflect.get(view, key, view) as Method
  const result = method.apply(view, args)
  if (ids && key === 'find') guardCursor(result, onRead)
  return result
}

function idsRead(key: string | symbol, args: readonly unknown[]): readonly string[] | undefined {
  const index = typeof key === 'string' ? filterAt[key] : undefined
  if (index === undefined || fieldOf(args[index + 1], 'collation') !== undefined) return undefined
  const condition = fieldOf(args[index], '_id')
  if (typeof condition === 'string') return [condition]
  const one = fieldOf(condition, '$eq')
  if (typeof one === 'string') return [one]
  const several = fieldOf(condition, '$in')
  if (!Array.isArray(several)) return undefined
  return several.every((id): id is string => typeof id === 'string') ? several : undefined
}

/** A cursor that is given another filter, or copied to be given one, reads other documents. */
function guardCursor(cursor: unknown, onRead: OnRead): unknown {
  if (typeof cursor !== 'object' || cursor === null) return cursor
  for (const name of ['filter', 'clone', 'map']) {
    const original: unknown = Reflect.get(cursor, name)
    if (typeof original !== 'function') continue
    const value = (...args: unknown[]): unknown => {
      if (name !== 'map') onRead(undefined)
      const result = (original as Method).apply(cursor, args)
      return name === 'map' && result !== cursor ? guardCursor(result, onRead) : result
    }
    Object.defineProperty(cursor, name, { value, configurable: true, writable: true })
  }
  return cursor
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}
