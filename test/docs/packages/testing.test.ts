// #region contract
import { InMemoryEventStore } from '@varve/memory'
import { casesOf, eventStoreContract, eventStoreSubject } from '@varve/testing'
import { afterAll, describe, test } from 'vitest'

const store = new InMemoryEventStore()
afterAll(() => store.close())

describe('my event store', () => {
  test.concurrent.for(casesOf(eventStoreContract))('$method $name', ({ run }) =>
    run(
      eventStoreSubject(store, {
        capabilities: { maxAppendBytes: 1_048_576, tellsActualRevision: true },
        open: async () => new InMemoryEventStore(),
      }),
    ),
  )
})
// #endregion contract
