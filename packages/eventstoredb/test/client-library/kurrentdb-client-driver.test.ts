import { resolve } from 'node:path'
import { InvalidConnectionStringError } from '@varve/core'
import { expect, test } from 'vitest'
import {
  connectionStringOf,
  kurrentDBClientDriver,
} from '../../src/client-library/kurrentdb-client-driver.ts'
import { parseConnectionString } from '../../src/connection/parse-connection-string.ts'

test.each([
  [
    'esdb://localhost?tls=false',
    'kurrentdb://localhost:2113?discoveryInterval=10&tls=false&keepAliveInterval=10001&maxDiscoverAttempts=10',
  ],
  [
    'esdb://a:1,b:2?tls=true&node_preference=read-only-replica&defaultDeadline=5&discoveryInterval=200&maxDiscoverAttempts=1',
    'kurrentdb://a:1,b:2?discoveryInterval=200&tls=true&nodePreference=readonlyreplica&keepAliveInterval=10001&maxDiscoverAttempts=2',
  ],
  [
    'esdb+discover://ad%40min:p%2F%3Aw@cluster?connectionName=my%20app',
    'kurrentdb+discover://ad%40min:p%2F%3Aw@cluster:2113?discoveryInterval=10&tls=true&connectionName=my%20app&keepAliveInterval=10001&maxDiscoverAttempts=10',
  ],
  [
    'esdb://host?tlsCAFile=ca.pem&keepAliveInterval=20000',
    `kurrentdb://host:2113?discoveryInterval=10&tls=true&tlsCAFile=${encodeURIComponent(resolve('ca.pem'))}&keepAliveInterval=10001&maxDiscoverAttempts=10`,
  ],
])('%s is said in the words of the other client', (from, to) => {
  expect(connectionStringOf(parseConnectionString(from), 10_001)).toBe(to)
})

test('a password is not sent where the connection is not secure', () => {
  const settings = parseConnectionString('esdb://admin:secret@host?tls=false')
  expect(connectionStringOf(settings, 10_001)).not.toContain('secret')
})

test('a refusal of the client is told without the password', () => {
  const driver = kurrentDBClientDriver({
    KurrentDBClient: {
      connectionString: (text) => {
        throw new TypeError(`cannot parse ${text}`)
      },
    },
    convertToCommandError: (failure) => failure,
  })
  const settings = parseConnectionString('esdb://admin:secret@host')
  let refusal: unknown
  try {
    driver.connect(settings, 10_001)
  } catch (error) {
    refusal = error
  }
  expect(refusal).toBeInstanceOf(InvalidConnectionStringError)
  expect((refusal as Error).message).toContain('esdb://host:2113')
  expect((refusal as Error).cause).toBeUndefined()
})
