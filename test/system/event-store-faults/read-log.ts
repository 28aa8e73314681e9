import { EventStoreDBClient, type JSONRecordedEvent } from '@eventstore/db-client'

/** An event as it stands in the log. */
export interface Logged {
  readonly id: string
  readonly type: string
  readonly stream: string
  readonly revision: bigint
  readonly position: bigint
}

/** Reads the log with the client alone, past the adapter and the proxy, from its start to its end. */
export async function readLog(url: string): Promise<readonly Logged[]> {
  const client = EventStoreDBClient.connectionString(url)
  const log: Logged[] = []
  for await (const { event } of client.readAll()) {
    if (!event || event.type.startsWith('$')) continue
    const { id, type, streamId, revision, position } = event as JSONRecordedEvent
    log.push({ id, type, stream: streamId, revision, position: position?.commit ?? -1n })
  }
  await client.dispose()
  return log
}
