import type { InvalidConnectionStringError } from '@varve/core'
import { describe, expect, test } from 'vitest'
import { parseConnectionString } from '../../src/connection/parse-connection-string.ts'

function refusal(connectionString: string): InvalidConnectionStringError {
  try {
    parseConnectionString(connectionString)
  } catch (error) {
    return error as InvalidConnectionStringError
  }
  throw new TypeError(`"${connectionString}" was accepted`)
}

describe('a connection string', () => {
  test('names one node, with the default port', () => {
    expect(parseConnectionString('esdb://localhost?tls=false')).toMatchObject({
      address: 'esdb://localhost:2113',
      endpoints: [{ address: 'localhost', port: 2113 }],
      isDiscovered: false,
      credentials: undefined,
      parameters: { tls: false },
      warnings: [],
    })
  })

  test('names several nodes, or a cluster by name', () => {
    expect(parseConnectionString('esdb://a:1,b:2,c').address).toBe('esdb://a:1,b:2,c:2113')
    expect(parseConnectionString('esdb+discover://cluster:2113/').isDiscovered).toBe(true)
  })

  test('takes options whatever their case, dashes and underscores', () => {
    const query = 'TLS=false&keep-alive-interval=20000&node_preference=ReadOnlyReplica'
    expect(parseConnectionString(`esdb://a?${query}`).parameters).toEqual({
      tls: false,
      keepAliveInterval: 20000,
      nodePreference: 'read_only_replica',
    })
  })

  test('decodes credentials, with @ and : in the password', () => {
    const { credentials, address } = parseConnectionString('esdb://admin:p%40s:s@@host:1')
    expect(credentials).toEqual({ username: 'admin', password: 'p@s:s@' })
    expect(address).toBe('esdb://host:1')
  })

  test.each([
    ['', /esdb:\/\/host:2113/],
    ['localhost:2113', /esdb:\/\/host:2113/],
    ['http://localhost:2113', /the scheme esdb:\/\//],
    ['esdb://', /host:port/],
    ['esdb://a:99999', /host:port where it has "a:99999"/],
    ['esdb://a:b', /host:port where it has "a:b"/],
    ['esdb://a?tls=maybe', /true or false for "tls"/],
    ['esdb://a?keepAliveInterval=soon', /a whole number of at least -1 for "keepAliveInterval"/],
    ['esdb://a?userCertFile=x', /"userCertFile" and "userKeyFile" together/],
    ['esdb://user@a', /username:password@/],
  ])('is refused as %j', (connectionString, expected) => {
    expect(refusal(connectionString).expected).toMatch(expected)
  })

  test('is refused with everything that is wrong at once', () => {
    const { expected } = refusal('esdb://a:b?tls=1&gossipTimeout=0')
    expect(expected).toMatch(/host:port.*true or false.*at least 1/)
  })

  test.each([
    'esdb://admin:secret@',
    'esdb://admin:secret@a:b',
    'http://admin:secret@a',
    'admin:secret@a:2113',
    'esdb://admin:%secret@a',
    'esdb://admin:sec/secret@a?tls=x',
  ])('keeps the password out of the error for %j', (connectionString) => {
    const error = refusal(connectionString)
    expect(JSON.stringify([error.message, error.found, error.expected])).not.toContain('secret')
    expect(error.cause).toBeUndefined()
  })

  test('warns of credentials that are not sent, and of options without effect', () => {
    const query = 'tls=false&tlsVerifyCert=false&colour=red'
    const { warnings } = parseConnectionString(`esdb://u:secret@a?${query}`)
    expect(warnings).toEqual([
      expect.stringMatching(/"tlsVerifyCert" has no effect/),
      'The unknown option "colour" is ignored',
      expect.stringMatching(/Credentials are not sent with tls=false/),
    ])
    expect(warnings.join()).not.toContain('secret')
  })
})

test.each(['kurrentdb', 'kurrent', 'kdb'])('the scheme %s means the same as esdb', (scheme) => {
  const found = parseConnectionString(`${scheme}://localhost:2114?tls=false`)
  expect(found.endpoints).toEqual([{ address: 'localhost', port: 2114 }])
  expect(found.isDiscovered).toBe(false)
  expect(parseConnectionString(`${scheme}+discover://cluster`).isDiscovered).toBe(true)
})
