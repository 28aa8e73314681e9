import { resolve } from 'node:path'
import { InvalidConnectionStringError } from '@varve/core'
import type { ConnectionSettings } from '../connection/connection-settings.ts'
import type { Client, ClientDriver } from './client-driver.ts'
import type { KurrentDBClientLibrary } from './client-library.ts'
import { GeneratorRead } from './generator-read.ts'

/** Its reads wait that long before they connect at all, 500 ms where nothing is said. Tries again are ours. */
const discoveryIntervalMs = 10
/** Of a single attempt it uses none. */
const leastAttempts = 2

const files = new Set(['tlsCAFile', 'userCertFile', 'userKeyFile'])

/** Uses `@kurrent/kurrentdb-client`. It can only be made from a connection string, so one is made for it. */
export function kurrentDBClientDriver(library: KurrentDBClientLibrary): ClientDriver {
  return {
    package: '@kurrent/kurrentdb-client',
    connect: (settings, keepAliveInterval) => {
      const connectionString = connectionStringOf(settings, keepAliveInterval)
      try {
        return library.KurrentDBClient.connectionString(connectionString) as unknown as Client
      } catch {
        // What was thrown repeats the string, with the password in it.
        throw new InvalidConnectionStringError(
          settings.address,
          'options that @kurrent/kurrentdb-client accepts',
        )
      }
    },
    expecting: (streamState) => ({ streamState }),
    reading: (read) => new GeneratorRead(read as ConstructorParameters<typeof GeneratorRead>[0]),
    convertFailure: (failure) => library.convertToCommandError(failure),
  }
}

/** Builds a connection string with the same meaning. */
export function connectionStringOf(
  { endpoints, isDiscovered, credentials, parameters }: ConnectionSettings,
  keepAliveInterval: number,
): string {
  const { defaultDeadline: _, maxDiscoverAttempts = 10, ...rest } = parameters
  const options = {
    discoveryInterval: discoveryIntervalMs,
    ...rest,
    keepAliveInterval,
    maxDiscoverAttempts: Math.max(leastAttempts, maxDiscoverAttempts),
  }
  const user =
    credentials && parameters.tls
      ? `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`
      : ''
  const hosts = endpoints.map(({ address, port }) => `${address}:${port}`).join(',')
  const query = Object.entries(options)
    .filter(([name]) => parameters.tls || !files.has(name))
    .map(([name, value]) => `${name}=${encodeURIComponent(valueOf(name, String(value)))}`)
    .join('&')
  return `kurrentdb${isDiscovered ? '+discover' : ''}://${user}${hosts}?${query}`
}

function valueOf(name: string, value: string): string {
  if (files.has(name)) return resolve(value)
  return name === 'nodePreference' ? value.replaceAll('_', '') : value
}
