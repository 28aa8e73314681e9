import { jsonEvent, binaryEvent, NO_STREAM, STREAM_EXISTS } from '@eventstore/db-client'

/** Appending: expected revisions, sizes, content. */
export function appendQuestions({ append, attempt, client, ev, evs, fresh, probe, read }) {
  probe('append any to new stream', async () => append(fresh(), ev(0)))
  probe('append no-stream to new stream', async () =>
    append(fresh(), evs(3), { expectedRevision: NO_STREAM }),
  )
  probe('append no-stream to existing stream conflicts', async () => {
    const s = fresh()
    await append(s, evs(2))
    return append(s, ev(9), { expectedRevision: NO_STREAM })
  })
  probe('append stream-exists to missing stream conflicts', async () =>
    append(fresh(), ev(0), { expectedRevision: STREAM_EXISTS }),
  )
  probe('append stream-exists to existing stream', async () => {
    const s = fresh()
    await append(s, evs(2))
    return append(s, ev(9), { expectedRevision: STREAM_EXISTS })
  })
  probe('append exact revision', async () => {
    const s = fresh()
    await append(s, evs(2))
    return append(s, evs(2), { expectedRevision: 1n })
  })
  probe('append behind the head conflicts', async () => {
    const s = fresh()
    await append(s, evs(3))
    return append(s, ev(9), { expectedRevision: 0n })
  })
  probe('append ahead of the head conflicts', async () => {
    const s = fresh()
    await append(s, evs(3))
    return append(s, ev(9), { expectedRevision: 7n })
  })
  probe('append exact revision to missing stream conflicts', async () =>
    append(fresh(), ev(9), { expectedRevision: 0n }),
  )
  probe('append empty batch to new stream', async () => {
    const s = fresh()
    return [await append(s, []), await read(s)]
  })
  probe('append empty batch no-stream to existing stream', async () => {
    const s = fresh()
    await append(s, evs(2))
    return append(s, [], { expectedRevision: NO_STREAM })
  })
  probe('append empty batch at exact revision', async () => {
    const s = fresh()
    await append(s, evs(2))
    return [
      await append(s, [], { expectedRevision: 1n }),
      await append(s, [], { expectedRevision: 0n }),
    ]
  })
  probe('append empty stream name', async () => append('', ev(0)))
  probe('append to a $-stream as anonymous or configured user', async () =>
    append(`$${fresh()}`, ev(0)),
  )
  probe('append binary and json with metadata', async () => {
    const s = fresh()
    await append(s, [
      binaryEvent({ type: 'Raw', data: Buffer.from([0, 255, 1]) }),
      jsonEvent({
        type: 'Meta',
        data: { ü: 'ß', n: null },
        metadata: { $correlationId: 'c', k: [1, 2] },
      }),
    ])
    return attempt(async () => {
      const out = []
      for await (const { event } of client.readStream(s))
        out.push({
          type: event.type,
          isJson: event.isJson,
          metadata:
            event.metadata?.constructor === Uint8Array
              ? `bytes:${event.metadata.length}`
              : (event.metadata ?? null),
          data: event.isJson ? event.data : [...event.data],
          created: event.created instanceof Date,
          streamId: event.streamId === s,
          position: typeof event.position?.commit,
        })
      return out
    })
  })
  probe('append 2 MiB event', async () =>
    append(fresh(), jsonEvent({ type: 'Big', data: { x: 'a'.repeat(2 * 1024 * 1024) } })),
  )
  probe('append 900 KiB event', async () =>
    append(fresh(), jsonEvent({ type: 'Big', data: { x: 'a'.repeat(900 * 1024) } })),
  )
  probe('commit equals prepare for every event of one append', async () => {
    const s = fresh()
    await client.appendToStream(s, evs(5))
    const out = []
    for await (const { event } of client.readStream(s))
      out.push(event.position?.commit === event.position?.prepare)
    return out
  })
  probe('append result position equals position of the last event', async () => {
    const s = fresh()
    const r = await client.appendToStream(s, evs(3))
    const out = []
    for await (const { event } of client.readStream(s)) out.push(event.position?.commit)
    return {
      equalsLast: r.position?.commit === out[2],
      notBeforeLast: r.position?.commit >= out[2],
    }
  })
}
