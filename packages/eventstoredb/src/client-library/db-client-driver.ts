import type { EventStoreDBClient, SingleNodeOptions } from '@eventstore/db-client'
import type { ConnectionSettings } from '../connection/connection-settings.ts'
import { readCertificate } from '../connection/read-certificate.ts'
import type { ClientRead } from '../read/read-call.ts'
import type { ClientDriver } from './client-driver.ts'
import type { DbClientLibrary } from './client-library.ts'

/** Uses `@eventstore/db-client`. */
export function dbClientDriver(library: DbClientLibrary): ClientDriver {
  const Client = library.EventStoreDBClient as unknown as typeof EventStoreDBClient
  return {
    package: '@eventstore/db-client',
    connect: (settings, keepAliveInterval) => {
      const { parameters, credentials } = settings
      const { tls, tlsCAFile, userCertFile, userKeyFile, defaultDeadline: _, ...rest } = parameters
      const read = (path: string | undefined): Buffer | undefined =>
        tls && path !== undefined ? readCertificate(settings, path) : undefined
      const [rootCertificate, certificate, key] = [tlsCAFile, userCertFile, userKeyFile].map(read)
      const channel = {
        insecure: !tls,
        ...(rootCertificate && { rootCertificate }),
        ...(certificate && { userCertFile: certificate }),
        ...(key && { userKeyFile: key }),
      }
      const options = { ...rest, keepAliveInterval, throwOnAppendFailure: true }
      return new Client(
        { ...options, ...target(settings) } as SingleNodeOptions,
        channel,
        tls && credentials ? { ...credentials } : undefined,
      )
    },
    expecting: (expectedRevision) => ({ expectedRevision }),
    reading: (read) => read as ClientRead,
    convertFailure: (failure) => library.convertToCommandError(failure),
  }
}

function target({ endpoints, isDiscovered }: ConnectionSettings): object {
  const [first] = endpoints
  if (isDiscovered) return { discover: first }
  return endpoints.length > 1 ? { endpoints } : { endpoint: first }
}
