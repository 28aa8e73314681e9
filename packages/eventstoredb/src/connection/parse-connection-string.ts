import { InvalidConnectionStringError } from '@varve/core'
import { parseQuery } from './connection-parameters.ts'
import type { ConnectionSettings, Credentials, Endpoint } from './connection-settings.ts'

const shape =
  /^(?<scheme>[^:/?]*):\/\/(?:(?<credentials>.*)@)?(?<hosts>[^/?@]*)\/*(?:\?(?<query>.*))?$/s

/** What either client package calls its servers. */
const schemes = /^(?:esdb|kurrentdb|kurrent|kdb)(?:\+discover)?$/

const example = 'esdb://host:2113?tls=false or esdb+discover://name:2113'

/**
 * Parses a connection string.
 *
 * The client has a parser of its own, but it prints and throws the string with the password in it.
 *
 * @throws {InvalidConnectionStringError} Names everything that is wrong, without the credentials.
 */
export function parseConnectionString(connectionString: string): ConnectionSettings {
  const trimmed = connectionString.trim()
  const refuse = (expected: string): never => {
    throw new InvalidConnectionStringError(withoutCredentials(trimmed), expected)
  }
  const parts = shape.exec(trimmed)?.groups
  if (!parts) return refuse(example)
  const { scheme = '', hosts = '', query = '' } = parts
  if (!schemes.test(scheme))
    return refuse(
      `the scheme esdb:// or kurrentdb://, or esdb+discover:// for a cluster, as in ${example}`,
    )
  const problems: string[] = []
  const endpoints = parseHosts(hosts, problems)
  const credentials = parseCredentials(parts['credentials'], problems)
  const parsed = parseQuery(query)
  const { userCertFile, userKeyFile } = parsed.parameters
  if ((userCertFile === undefined) !== (userKeyFile === undefined))
    problems.push('"userCertFile" and "userKeyFile" together')
  problems.push(...parsed.problems)
  if (problems.length > 0) refuse(problems.join('; '))
  return {
    address: `${scheme}://${endpoints.map(({ address, port }) => `${address}:${port}`).join(',')}`,
    endpoints,
    isDiscovered: scheme.endsWith('+discover'),
    credentials,
    parameters: parsed.parameters,
    warnings: warningsOf(parsed.warnings, { scheme, endpoints, credentials, ...parsed }),
  }
}

function parseHosts(hosts: string, problems: string[]): readonly Endpoint[] {
  return hosts.split(',').map((host) => {
    const match = /^\s*(?<address>[\w.-]+)(?::(?<port>\d{1,5}))?\s*$/.exec(host)?.groups
    const port = Number(match?.['port'] ?? 2113)
    if (match?.['address'] === undefined || port < 1 || port > 65535)
      problems.push(`host:port where it has "${host}"`)
    return { address: match?.['address'] ?? '', port }
  })
}

function parseCredentials(found: string | undefined, problems: string[]): Credentials | undefined {
  if (found === undefined) return undefined
  const colon = found.indexOf(':')
  try {
    if (colon > 0)
      return {
        username: decodeURIComponent(found.slice(0, colon)),
        password: decodeURIComponent(found.slice(colon + 1)),
      }
  } catch {
    // Reported below, without the value.
  }
  problems.push('username:password@, percent-encoded, before the host')
  return undefined
}

function warningsOf(
  found: readonly string[],
  { scheme, endpoints, credentials, parameters }: Facts,
): readonly string[] {
  const warnings = [...found]
  if (credentials && !parameters.tls)
    warnings.push(
      'Credentials are not sent with tls=false: the server sees an anonymous user. Use TLS, or leave the credentials out',
    )
  if (scheme.endsWith('+discover') && endpoints.length > 1)
    warnings.push(`Only the first host of an ${scheme}:// address is used`)
  return warnings
}

type Facts = Pick<ConnectionSettings, 'endpoints' | 'credentials' | 'parameters'> & {
  readonly scheme: string
}

function withoutCredentials(connectionString: string): string {
  return connectionString.replace(/^([^:/?]*:\/\/)?.*@/s, '$1***@')
}
