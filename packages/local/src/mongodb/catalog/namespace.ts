import { ServerError } from '../errors/server-error.ts'

/** A database and a collection in it. */
export interface Namespace {
  readonly db: string
  readonly collection: string
  /** `db.collection` */
  readonly full: string
}

/** Splits `db.collection`; the first dot separates. */
export function namespaceOf(full: string): Namespace {
  const dot = full.indexOf('.')
  return { db: full.slice(0, dot), collection: full.slice(dot + 1), full }
}

/**
 * Checks the name a command gives its collection.
 *
 * @throws {ServerError} The name is no text, empty or has characters that are not allowed.
 */
export function namespaceIn(db: string, collection: unknown): Namespace {
  if (typeof collection !== 'string') {
    throw new ServerError('BadValue', 'collection name has invalid type')
  }
  const full = `${db}.${collection}`
  if (collection === '' || collection.startsWith('.') || collection.includes('\0')) {
    throw new ServerError('InvalidNamespace', `Invalid namespace specified '${full}'`)
  }
  if (db === '' || /[/\\. "$\0]/.test(db)) {
    throw new ServerError('InvalidNamespace', `Invalid namespace specified '${full}'`)
  }
  return { db, collection, full }
}

/**
 * Refuses names no collection may be created with.
 *
 * @throws {ServerError} The name has a dollar or is too long.
 */
export function assertCreatable(namespace: Namespace): void {
  if (namespace.collection.includes('$')) {
    throw new ServerError('InvalidNamespace', `Invalid collection name: ${namespace.collection}`)
  }
  if (Buffer.byteLength(namespace.full) > 255) {
    throw new ServerError(
      'InvalidNamespace',
      `Fully qualified namespace is too long. Namespace: ${namespace.full} Max: 255`,
    )
  }
}
