import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import {
  EventStoreDBConsumerGroupStore,
  EventStoreDBEventStore,
  EventStoreDBSnapshotStore,
} from '@varve/eventstoredb'
import {
  casesOf,
  consumerGroupStoreContract,
  consumerGroupStoreSubject,
  eventStoreContract,
  eventStoreSubject,
  snapshotStoreContract,
  snapshotStoreSubject,
  streamAdministrationContract,
  streamAdministrationSubject,
} from '@varve/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventStoreDB, isSelected, type RunningServer } from './servers.ts'

type ClientLibrary = NonNullable<ConstructorParameters<typeof EventStoreDBEventStore>[0]['client']>

const require = createRequire(import.meta.url)
const name = '@kurrent/kurrentdb-client'

/** The package, where it has a native part for this platform. It is the only client this process loads. */
const client = loaded()

function loaded(): ClientLibrary | undefined {
  try {
    return require(name) as ClientLibrary
  } catch {
    process.stdout.write(`${name} cannot be loaded here; its contract tests do not run\n`)
    return undefined
  }
}

const capabilities = { maxAppendBytes: 1_048_576, tellsActualRevision: true }

describe.runIf(client && isSelected('eventstoredb'))(`on EventStoreDB, by ${name}`, () => {
  let server: RunningServer
  let store: EventStoreDBEventStore
  let groups: EventStoreDBConsumerGroupStore
  const options = (): { connectionString: string; client: ClientLibrary } => ({
    connectionString: server.url,
    client: client as ClientLibrary,
  })
  const open = async (): Promise<EventStoreDBEventStore> => new EventStoreDBEventStore(options())
  const openGroups = async (): Promise<EventStoreDBConsumerGroupStore> =>
    new EventStoreDBConsumerGroupStore(options())
  beforeAll(async () => {
    server = await eventStoreDB()
    store = await open()
    groups = await openGroups()
  })
  afterAll(async () => {
    await Promise.all([store.close(), groups.close()])
    await server.close()
  })

  describe('the event store', () => {
    for (const { method, name: promise, run } of casesOf(eventStoreContract))
      test.concurrent(`${method} ${promise}`, () =>
        run(eventStoreSubject(store, { capabilities, open })),
      )
  })

  describe('the snapshot store', () => {
    for (const { method, name: promise, run } of casesOf(snapshotStoreContract))
      test.concurrent(`${method} ${promise}`, () =>
        run(snapshotStoreSubject(new EventStoreDBSnapshotStore(store))),
      )
  })

  describe('the administration of streams', () => {
    for (const { method, name: promise, run } of casesOf(streamAdministrationContract))
      test.concurrent(`${method} ${promise}`, () =>
        run(streamAdministrationSubject(store, { elapse: (ms) => setTimeout(ms) })),
      )
  })

  describe('the consumer-group store', () => {
    for (const { method, name: promise, run } of casesOf(consumerGroupStoreContract))
      test.concurrent(`${method} ${promise}`, () =>
        run(consumerGroupStoreSubject(groups, { events: store, open: openGroups })),
      )
  })

  test('the other client package is loaded nowhere, and is refused', async () => {
    const others = Object.keys(require.cache).filter((path) => /@eventstore.db-client/.test(path))
    expect(others).toEqual([])
    expect(() => new EventStoreDBEventStore({ connectionString: server.url })).toThrow(
      /@kurrent\/kurrentdb-client is loaded in this process/,
    )
  })
})
