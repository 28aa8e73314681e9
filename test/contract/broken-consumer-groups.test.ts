import { InMemoryConsumerGroupStore, InMemoryEventStore } from '@varve/memory'
import { consumerGroupStoreContract, consumerGroupStoreSubject } from '@varve/testing'
import { describe, expect, test } from 'vitest'
import { brokenConsumerGroups } from './broken/broken-consumer-groups.ts'
import { failingCases, withFault } from './broken/broken-store.ts'

/** Long enough for a store in memory, short enough for cases that wait in vain. */
const patienceMs = 1500

describe('the consumer-group store contract catches a store that', () => {
  for (const one of brokenConsumerGroups)
    test.concurrent(`${one.fault}, by "${one.caughtBy}"`, async () => {
      const failing = await failingCases(consumerGroupStoreContract, async () => {
        const events = new InMemoryEventStore()
        const open = async () => withFault(new InMemoryConsumerGroupStore(events), one)
        return consumerGroupStoreSubject(await open(), { events, open, patienceMs })
      })
      expect(failing).toContain(one.caughtBy)
    })

  test('has no fault: by none', async () => {
    const failing = await failingCases(consumerGroupStoreContract, async () => {
      const events = new InMemoryEventStore()
      const open = async () => new InMemoryConsumerGroupStore(events)
      return consumerGroupStoreSubject(await open(), { events, open, patienceMs })
    })
    expect(failing).toEqual([])
  })
})
