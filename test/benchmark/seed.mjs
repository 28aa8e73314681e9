// Fills streams of deposits with the raw client, a thousand events an append.
import { jsonEvent } from '@eventstore/db-client'

export async function seed(client, { events, streams, prefix }) {
  const perStream = Math.ceil(events / streams)
  const append = async (stream) => {
    for (let written = 0; written < perStream; written += 500) {
      const count = Math.min(500, perStream - written)
      const batch = Array.from({ length: count }, () =>
        jsonEvent({
          type: 'account.deposited',
          data: { amount: 1 },
          metadata: { schemaVersion: 1 },
        }),
      )
      await client.appendToStream(`account-${prefix}-${stream}`, batch)
    }
  }
  let next = 0
  const worker = async () => {
    while (next < streams) await append(next++)
  }
  await Promise.all([worker(), worker(), worker(), worker()])
}
