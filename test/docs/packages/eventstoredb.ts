// #region use
import { randomUUID } from 'node:crypto'
import { streamName } from '@varve/core'
import { EventStoreDBEventStore, EventStoreDBSnapshotStore } from '@varve/eventstoredb'

/** @param connectionString Such as `esdb://localhost:2113?tls=false`. */
export async function appendAndRead(connectionString: string): Promise<void> {
  const events = new EventStoreDBEventStore({ connectionString })
  const snapshots = new EventStoreDBSnapshotStore(events)

  const stream = streamName('account', 'a1')
  const opened = { id: randomUUID(), type: 'account.opened', data: { owner: 'Ada' }, metadata: {} }
  await events.append(stream, [opened], { expected: 'no-stream' })

  for await (const page of events.readStream(stream))
    for (const { revision, type } of page) console.log(`${revision} ${type}`)

  for await (const { events: batch, isCaughtUp } of events.subscribe({ types: [opened.type] })) {
    console.log(`${batch.length} events, caught up: ${isCaughtUp}`)
    if (isCaughtUp) break
  }

  console.log(await snapshots.load(stream)) // undefined: nobody took one
  await events.close()
}
// #endregion use

// #region consume
import { EventStoreDBConsumerGroupStore } from '@varve/eventstoredb'

/** @param send Must be idempotent: an event may come again. */
export async function sendMails(
  connectionString: string,
  send: (owner: unknown) => Promise<void>,
): Promise<void> {
  const groups = new EventStoreDBConsumerGroupStore({ connectionString })
  const mails = { name: 'mails', types: ['account.opened'] }
  await groups.ensure(mails, { startFrom: 'start', maxRetries: 3 })

  for await (const delivery of groups.consume(mails, { bufferSize: 20 }))
    try {
      await send(delivery.event.data)
      await delivery.ack()
      break
    } catch (error) {
      await delivery.nack('retry', String(error)) // after the third retry the server parks it
    }

  await groups.replayParked(mails, { limit: 10 })
  await groups.close()
}
// #endregion consume

// #region administer
import { isVarveError } from '@varve/core'

export async function retire(events: EventStoreDBEventStore, id: string): Promise<void> {
  const stream = streamName('account', id)
  const { settings, revision } = await events.readStreamSettings(stream)
  const shorter = { ...settings, maxCount: 100, maxAgeSeconds: 30 * 86_400 }
  await events.setStreamSettings(stream, shorter, { expected: revision ?? 'none' })

  await events.deleteStream(stream) // an append brings it back, with revisions that go on
  await events.tombstoneStream(stream) // nothing brings it back

  try {
    for await (const page of events.readStream(stream)) console.log(page.length)
  } catch (error) {
    if (isVarveError(error)) console.log(error.code) // STREAM_DELETED
  }
}
// #endregion administer
