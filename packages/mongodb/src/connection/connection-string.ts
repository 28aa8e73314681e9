import { InvalidConnectionStringError } from '@varve/core'

const expected =
  'mongodb://<host>:<port>/<database> or mongodb+srv://<host>/<database>, for example mongodb://localhost:27017/bank'

/** Takes credentials and options, which may hold secrets, off a connection string. */
export function withoutCredentials(url: string): string {
  return url.replace(/\?.*$/s, '').replace(/^([a-z+]*:\/\/)?.*@/is, '$1')
}

/**
 * Returns the database a connection string names in its path.
 *
 * @throws {InvalidConnectionStringError} It is no MongoDB URL, or names no usable database.
 */
export function databaseOf(url: string): string {
  const [, path] = /^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/([^?]*))?(?:\?.*)?$/is.exec(url) ?? []
  if (path === undefined && !/^mongodb(?:\+srv)?:\/\/[^/?]/i.test(url)) throw invalid(url, expected)
  const database = decoded(path ?? '')
  if (database === '')
    throw invalid(url, `${expected}; the database name after the host is missing`)
  if (/[/\\. "$*<>:|?]/.test(database)) {
    throw invalid(url, `a database name without any of / \\ . " $ * < > : | ? or spaces`)
  }
  return database
}

/** Tells whether a connection string sets an option itself, in any spelling of its case. */
export function setsOption(url: string, option: string): boolean {
  return new RegExp(`[?&]${option}=`, 'i').test(url)
}

/** Makes the error for a string the driver refused, in the driver's words but without secrets. */
export function refusedByDriver(url: string, cause: unknown): InvalidConnectionStringError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const told = reason.includes(url) ? '' : ` (${reason})`
  return new InvalidConnectionStringError(withoutCredentials(url), `${expected}${told}`, { cause })
}

function invalid(url: string, wanted: string): InvalidConnectionStringError {
  return new InvalidConnectionStringError(withoutCredentials(url), wanted)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
