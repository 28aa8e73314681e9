import { expect, test } from 'vitest'
import { clientDriver, refuseRival } from '../../src/client-library/choose-client.ts'

const kurrent = '/app/node_modules/@kurrent/kurrentdb-client/dist/index.js'
const eventStore = '/app/node_modules/@eventstore/db-client/dist/index.js'

test('a client package is refused where the other one is loaded', () => {
  expect(() => refuseRival('@eventstore/db-client', [kurrent])).toThrow(
    /@kurrent\/kurrentdb-client is loaded in this process, and @eventstore\/db-client is to be used/,
  )
  expect(() => refuseRival('@kurrent/kurrentdb-client', [eventStore])).toThrow(
    /@eventstore\/db-client is loaded in this process, and @kurrent\/kurrentdb-client is to be used/,
  )
})

test('a client package is accepted where only itself is loaded', () => {
  expect(() => refuseRival('@eventstore/db-client', ['/app/index.js', eventStore])).not.toThrow()
  expect(() => refuseRival('@kurrent/kurrentdb-client', [kurrent])).not.toThrow()
})

test('the client of EventStoreDB is used where none is passed', () => {
  expect(clientDriver().package).toBe('@eventstore/db-client')
})

test('what is no client package is refused, saying what it has', () => {
  const wrong = { default: {}, version: '1' } as unknown as Parameters<typeof clientDriver>[0]
  expect(() => clientDriver(wrong)).toThrow(/\(with default, version\) cannot be used/)
})
