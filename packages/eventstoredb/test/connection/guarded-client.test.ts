import { expect, test } from 'vitest'
import { clientDriver } from '../../src/client-library/choose-client.ts'
import { GuardedClient } from '../../src/connection/guarded-client.ts'

test('a client without what is guarded is refused at once', () => {
  const unknown = { appendToStream: () => undefined } as unknown as GuardedClient['calls']
  expect(() => new GuardedClient(clientDriver(), unknown)).toThrow(
    /\(@eventstore\/db-client\) cannot be used/,
  )
})
