import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'

/** The client as it is, for what the adapter leaves to projections and operators. */
export async function withClient(
  url: string,
  use: (client: EventStoreDBClient) => Promise<unknown>,
): Promise<void> {
  const client = EventStoreDBClient.connectionString(url)
  try {
    await use(client)
  } finally {
    await client.dispose()
  }
}

/** Appends links as a projection would, each to `<revision>@<stream>`. */
export async function appendLinks(
  client: EventStoreDBClient,
  stream: string,
  targets: readonly string[],
): Promise<void> {
  const links = targets.map((target) => ({
    ...jsonEvent({ id: randomUUID(), type: '$>', data: {} }),
    contentType: 'application/octet-stream',
    data: Buffer.from(target),
  }))
  await client.appendToStream(stream, links as never)
}
