import { NO_STREAM, STREAM_EXISTS, END, BACKWARDS } from '@eventstore/db-client'

/** Stream metadata, soft deletion, tombstones. */
export function deletionQuestions({
  append,
  appended,
  attempt,
  client,
  ev,
  fresh,
  probe,
  read,
  seeded,
}) {
  probe('stream metadata round trip', async () => {
    const s = await seeded(1)
    const before = await attempt(async () => (await client.getStreamMetadata(s)).metadata ?? null)
    await client.setStreamMetadata(s, {
      maxCount: 3,
      truncateBefore: 1,
      maxAge: 60,
      custom: { a: 1 },
    })
    const m = await client.getStreamMetadata(s)
    return { before, metadata: m.metadata, revision: typeof m.metastreamRevision }
  })
  probe('metadata set with wrong expected revision', async () => {
    const s = await seeded(1)
    await client.setStreamMetadata(s, { maxCount: 3 })
    return attempt(async () =>
      appended(await client.setStreamMetadata(s, { maxCount: 4 }, { expectedRevision: NO_STREAM })),
    )
  })
  probe('maxCount hides old events', async () => {
    const s = await seeded(5)
    await client.setStreamMetadata(s, { maxCount: 2 })
    return [
      await read(s),
      await read(s, { direction: BACKWARDS, fromRevision: END }),
      await append(s, ev(5), { expectedRevision: 4n }),
      await read(s),
    ]
  })
  probe('truncateBefore hides old events', async () => {
    const s = await seeded(5)
    await client.setStreamMetadata(s, { truncateBefore: 3 })
    return [await read(s), await read(s, { fromRevision: 1n, maxCount: 1 })]
  })
  probe('maxCount 1 on 40 events', async () => {
    const s = await seeded(40)
    await client.setStreamMetadata(s, { maxCount: 1 })
    return read(s)
  })
  probe('metadata on a missing stream, then stream-exists', async () => {
    const s = fresh()
    await client.setStreamMetadata(s, { maxCount: 3 })
    return [
      await read(s),
      await append(s, ev(0), { expectedRevision: STREAM_EXISTS }),
      await append(s, ev(0), { expectedRevision: NO_STREAM }),
    ]
  })
  probe('metastream is readable', async () => {
    const s = await seeded(1)
    await client.setStreamMetadata(s, { maxCount: 3 })
    return read(`$$${s}`)
  })
  probe('soft delete, read, append, read', async () => {
    const s = await seeded(3)
    const d = await attempt(async () => Object.keys(await client.deleteStream(s)).sort())
    return [
      d,
      await read(s),
      await append(s, ev(9), { expectedRevision: NO_STREAM }),
      await read(s),
      await read(s, { direction: BACKWARDS, fromRevision: END }),
    ]
  })
  probe('soft delete then stream-exists', async () => {
    const s = await seeded(3)
    await client.deleteStream(s)
    return append(s, ev(9), { expectedRevision: STREAM_EXISTS })
  })
  probe('soft delete then exact last revision', async () => {
    const s = await seeded(3)
    await client.deleteStream(s)
    return [await append(s, ev(9), { expectedRevision: 2n }), await read(s)]
  })
  probe('soft delete with wrong expected revision', async () => {
    const s = await seeded(3)
    return attempt(() => client.deleteStream(s, { expectedRevision: 0n }))
  })
  probe('soft delete of a missing stream', async () => {
    const s = fresh()
    return [
      await attempt(async () => Object.keys(await client.deleteStream(s)).sort()),
      await attempt(() => client.deleteStream(s, { expectedRevision: STREAM_EXISTS })),
    ]
  })
  probe('tombstone, read, append, tombstone again', async () => {
    const s = await seeded(3)
    const d = await attempt(async () => Object.keys(await client.tombstoneStream(s)).sort())
    return [
      d,
      await read(s),
      await append(s, ev(9)),
      await attempt(() => client.tombstoneStream(s)),
      await attempt(() => client.deleteStream(s)),
    ]
  })
  probe('tombstone of a missing stream', async () => {
    const s = fresh()
    return [
      await attempt(async () => Object.keys(await client.tombstoneStream(s)).sort()),
      await append(s, ev(0)),
    ]
  })
  probe('events of a soft-deleted stream stay in $all', async () => {
    const s = fresh()
    const r = await client.appendToStream(s, ev(7))
    await client.deleteStream(s)
    let found = 0
    for await (const x of client.readAll({ fromPosition: r.position, maxCount: 50 }))
      if (x.event?.streamId === s) found++
    return found
  })
}
