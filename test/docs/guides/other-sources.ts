// #region consumer
import { IdempotentConsumer } from 'varve'
import { InMemoryHandledEventStore } from '@varve/memory'

const store = new InMemoryHandledEventStore() // in production: new MongoHandledEventStore({ url })
const deliveries = new IdempotentConsumer({ name: 'parcel-service', store, windowMs: 86_400_000 })

/** What the parcel service calls, more than once if it did not hear the answer. */
export async function onParcelDelivered(webhook: { readonly id: string; readonly item: string }) {
  const isNew = await deliveries.run(webhook.id, async () => console.log(`${webhook.item} arrived`))
  return isNew ? 'thank you' : 'thank you again'
}
// #endregion consumer
