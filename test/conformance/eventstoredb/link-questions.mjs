import { randomUUID } from 'node:crypto'
import { jsonEvent } from '@eventstore/db-client'

/** Link events. */
export function linkQuestions({ client, fresh, probe, read, seeded }) {
  probe('link event resolves, and stays a link without resolve', async () => {
    const s = await seeded(2),
      l = fresh('links')
    await client.appendToStream(
      l,
      [jsonEvent({ type: '$>', data: {}, id: randomUUID() })].map((e) => ({
        ...e,
        contentType: 'application/octet-stream',
        data: Buffer.from(`1@${s}`),
      })),
    )
    return [await read(l, { resolveLinkTos: true }), await read(l)]
  })
  probe('link to a missing event', async () => {
    const l = fresh('links')
    await client.appendToStream(l, {
      ...jsonEvent({ type: '$>', data: {} }),
      contentType: 'application/octet-stream',
      data: Buffer.from(`7@${fresh()}`),
    })
    return read(l, { resolveLinkTos: true })
  })
}
