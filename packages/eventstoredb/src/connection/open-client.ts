import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SingleNodeOptions } from '@eventstore/db-client'
import { InvalidConnectionStringError } from '@varve/core'
import type { ConnectionSettings } from './connection-settings.ts'
import { GuardedClient } from './guarded-client.ts'

const defaultKeepAliveMs = 10_000
/** Over this, a timer would fire at once. */
const neverMs = 2_147_000_000
const variants = 5_000

let opened = 0

/** Makes clients for one server; each has a connection of its own. */
export type OpenClient = () => GuardedClient

/**
 * Prepares the opening of clients. Reads the certificates now, so that a wrong path fails at start.
 *
 * @throws {InvalidConnectionStringError} A file it names cannot be read.
 */
export function clientOpener(settings: ConnectionSettings): OpenClient {
  const { parameters, credentials } = settings
  const {
    tls,
    tlsCAFile,
    userCertFile,
    userKeyFile,
    keepAliveInterval = defaultKeepAliveMs,
    defaultDeadline: _,
    ...rest
  } = parameters
  const channel = {
    insecure: !tls,
    ...(tls && tlsCAFile !== undefined && { rootCertificate: read(settings, tlsCAFile) }),
    ...(tls && userCertFile !== undefined && { userCertFile: read(settings, userCertFile) }),
    ...(tls && userKeyFile !== undefined && { userKeyFile: read(settings, userKeyFile) }),
  }
  return () => {
    // grpc-js shares a connection between clients whose options are equal, and with it the server's limit
    // of streams and the back-off after a failure. One millisecond of difference keeps them apart.
    opened = (opened + 1) % variants
    const base = keepAliveInterval < 0 ? neverMs : keepAliveInterval
    const options = { ...rest, keepAliveInterval: base + opened, throwOnAppendFailure: true }
    return new GuardedClient(
      { ...options, ...target(settings) } as SingleNodeOptions,
      channel,
      tls && credentials ? { ...credentials } : undefined,
    )
  }
}

function target({ endpoints, isDiscovered }: ConnectionSettings): object {
  const [first] = endpoints
  if (isDiscovered) return { discover: first }
  return endpoints.length > 1 ? { endpoints } : { endpoint: first }
}

function read(settings: ConnectionSettings, path: string): Buffer {
  try {
    return readFileSync(resolve(path))
  } catch (cause) {
    throw new InvalidConnectionStringError(settings.address, `a readable file at "${path}"`, {
      cause,
    })
  }
}
