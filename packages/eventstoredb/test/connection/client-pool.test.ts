import { describe, expect, test } from 'vitest'
import { ClientPool } from '../../src/connection/client-pool.ts'
import { clientDriver } from '../../src/client-library/choose-client.ts'
import { clientOpener } from '../../src/connection/open-client.ts'
import { parseConnectionString } from '../../src/connection/parse-connection-string.ts'

const open = clientOpener(parseConnectionString('esdb://localhost?tls=false'), clientDriver())

describe('a pool of clients', () => {
  test('opens another client when all have as many leases as they bear', () => {
    const pool = new ClientPool(open, 2)
    const [first, second, third] = [pool.acquire(), pool.acquire(), pool.acquire()]
    expect(second.client).toBe(first.client)
    expect(third.client).not.toBe(first.client)
    first.release()
    expect(pool.acquire().client).toBe(first.client)
    expect([pool.size, pool.leases]).toEqual([2, 3])
  })

  test('gives no further lease on a client in doubt and closes it with its last one', () => {
    const pool = new ClientPool(open, 80)
    const [failed, other] = [pool.acquire(), pool.acquire()]
    failed.retire()
    const fresh = pool.acquire()
    expect(fresh.client).not.toBe(failed.client)
    failed.release()
    expect(failed.client.isClosed).toBe(false)
    other.release()
    expect(failed.client.isClosed).toBe(true)
    expect(pool.size).toBe(1)
  })

  test('counts a release once', () => {
    const pool = new ClientPool(open, 80)
    const lease = pool.acquire()
    pool.acquire()
    lease.release()
    lease.release()
    expect(pool.leases).toBe(1)
  })
})

test('a certificate that is not there is named at start', () => {
  const settings = parseConnectionString('esdb://localhost?tlsCAFile=/no/such/file.pem')
  expect(() => clientOpener(settings, clientDriver())).toThrow(
    /a readable file at "\/no\/such\/file.pem"/,
  )
})
