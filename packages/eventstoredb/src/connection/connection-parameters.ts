import type { ConnectionParameters } from './connection-settings.ts'

/** What the query of a connection string says. */
export interface ParsedQuery {
  readonly parameters: ConnectionParameters
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

type Parse = (parameters: ConnectionParameters, value: string) => string | undefined

const flat = (text: string): string => text.trim().toLowerCase().replaceAll(/[_-]/g, '')

const preferences = ['leader', 'follower', 'random', 'read_only_replica'] as const

const parsers: Readonly<Record<string, Parse>> = {
  tls: (parameters, value) => {
    if (value !== 'true' && value !== 'false') return 'true or false'
    parameters.tls = value === 'true'
    return undefined
  },
  nodePreference: (parameters, value) => {
    const found = preferences.find((preference) => flat(preference) === flat(value))
    if (!found) return preferences.join(', ')
    parameters.nodePreference = found
    return undefined
  },
  keepAliveInterval: integer('keepAliveInterval', -1),
  keepAliveTimeout: integer('keepAliveTimeout', -1),
  defaultDeadline: integer('defaultDeadline', 1),
  maxDiscoverAttempts: integer('maxDiscoverAttempts', 1),
  discoveryInterval: integer('discoveryInterval', 0),
  gossipTimeout: integer('gossipTimeout', 1),
  tlsCAFile: text('tlsCAFile'),
  userCertFile: text('userCertFile'),
  userKeyFile: text('userKeyFile'),
  connectionName: text('connectionName'),
}

/** Options other tools understand, and why they do nothing here. */
const withoutEffect: Readonly<Record<string, string>> = {
  tlsVerifyCert:
    '"tlsVerifyCert" has no effect; name the certificate authority with "tlsCAFile" or NODE_EXTRA_CA_CERTS',
  throwOnAppendFailure: '"throwOnAppendFailure" has no effect; a failed append always throws',
}

const canonicalNames = new Map(
  [...Object.keys(parsers), ...Object.keys(withoutEffect)].map((name) => [flat(name), name]),
)

/** Parses `key=value&…`; keys are taken without regard to case, `-` and `_`, as the client does. */
export function parseQuery(query: string): ParsedQuery {
  const parameters: ConnectionParameters = { tls: true }
  const problems: string[] = []
  const warnings: string[] = []
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const key = equals < 0 ? pair : pair.slice(0, equals)
    const name = canonicalNames.get(flat(key))
    if (name === undefined) {
      warnings.push(`The unknown option "${key}" is ignored`)
      continue
    }
    const ignored = withoutEffect[name]
    if (ignored !== undefined) warnings.push(ignored)
    const expected = parsers[name]?.(parameters, equals < 0 ? '' : pair.slice(equals + 1).trim())
    if (expected !== undefined) problems.push(`${expected} for "${name}"`)
  }
  return { parameters, problems, warnings }
}

type IntegerName =
  | 'keepAliveInterval'
  | 'keepAliveTimeout'
  | 'defaultDeadline'
  | 'maxDiscoverAttempts'
  | 'discoveryInterval'
  | 'gossipTimeout'

function integer(name: IntegerName, least: number): Parse {
  return (parameters, value) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : NaN
    if (!(number >= least)) return `a whole number of at least ${least}`
    parameters[name] = number
    return undefined
  }
}

type TextName = 'tlsCAFile' | 'userCertFile' | 'userKeyFile' | 'connectionName'

function text(name: TextName): Parse {
  return (parameters, value) => {
    try {
      parameters[name] = decodeURIComponent(value)
    } catch {
      return 'percent-encoded text'
    }
    return value === '' ? 'a value' : undefined
  }
}
