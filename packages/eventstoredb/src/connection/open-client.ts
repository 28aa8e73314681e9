import type { ClientDriver } from '../client-library/client-driver.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import { GuardedClient } from './guarded-client.ts'
import { readCertificate } from './read-certificate.ts'

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
export function clientOpener(settings: ConnectionSettings, driver: ClientDriver): OpenClient {
  const { tls, tlsCAFile, userCertFile, userKeyFile, keepAliveInterval } = settings.parameters
  for (const path of tls ? [tlsCAFile, userCertFile, userKeyFile] : [])
    if (path !== undefined) readCertificate(settings, path)
  const base = keepAliveInterval ?? defaultKeepAliveMs
  return () => {
    // grpc-js shares a connection between clients whose options are equal, and with it the server's limit
    // of streams and the back-off after a failure. One millisecond of difference keeps them apart.
    opened = (opened + 1) % variants
    return new GuardedClient(driver, driver.connect(settings, (base < 0 ? neverMs : base) + opened))
  }
}
