// A process that uses everything once and closes it: it has to end by itself.
import {
  EventStoreDBConsumerGroupStore,
  EventStoreDBEventStore,
  EventStoreDBSnapshotStore,
} from '../../src/index.ts'
import { library } from './client.ts'
import { events, freshStream } from './events.ts'

const store = new EventStoreDBEventStore({ ...library, connectionString: process.argv[2] ?? '' })
const stream = freshStream()
await store.append(stream, events(3), { expected: 'no-stream' })
await new EventStoreDBSnapshotStore(store).load(stream)
for await (const _ of store.readAll()) break
const forgotten = store.subscribe()
for await (const { isCaughtUp } of store.subscribe({ stream })) if (isCaughtUp) break
const groups = new EventStoreDBConsumerGroupStore({
  ...library,
  connectionString: process.argv[2] ?? '',
})
const group = { name: 'short-lived', stream }
await groups.ensure(group, { startFrom: 'start' })
for await (const delivery of groups.consume(group)) {
  await delivery.ack()
  break
}
groups.consume(group)
await groups.close()
await store.close()
console.log('closed', forgotten.state)
