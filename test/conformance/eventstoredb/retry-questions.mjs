import { NO_STREAM, STREAM_EXISTS } from '@eventstore/db-client'

/** Appending the same events again. */
export function retryQuestions({ append, ev, evs, fresh, probe, read, ids, withId }) {
  probe('retry same ids, same exact revision', async () => {
    const s = fresh()
    await append(s, evs(2))
    const [a, b] = ids(2)
    const batch = [withId(a, 2), withId(b, 3)]
    return [
      await append(s, batch, { expectedRevision: 1n }),
      await append(s, batch, { expectedRevision: 1n }),
      (await read(s)).length,
    ]
  })
  probe('retry same ids, no-stream', async () => {
    const s = fresh()
    const [a, b] = ids(2)
    const batch = [withId(a, 0), withId(b, 1)]
    return [
      await append(s, batch, { expectedRevision: NO_STREAM }),
      await append(s, batch, { expectedRevision: NO_STREAM }),
      (await read(s)).length,
    ]
  })
  probe('retry same ids, any', async () => {
    const s = fresh()
    const [a, b] = ids(2)
    const batch = [withId(a, 0), withId(b, 1)]
    return [await append(s, batch), await append(s, batch), (await read(s)).length]
  })
  probe('retry same ids, stream-exists', async () => {
    const s = fresh()
    await append(s, ev(0))
    const [a] = ids(1)
    return [
      await append(s, withId(a, 1), { expectedRevision: STREAM_EXISTS }),
      await append(s, withId(a, 1), { expectedRevision: STREAM_EXISTS }),
      (await read(s)).length,
    ]
  })
  probe('retry same ids after later events', async () => {
    const s = fresh()
    const [a, b] = ids(2)
    const batch = [withId(a, 0), withId(b, 1)]
    await append(s, batch, { expectedRevision: NO_STREAM })
    await append(s, evs(2, 2))
    return [await append(s, batch, { expectedRevision: NO_STREAM }), (await read(s)).length]
  })
  probe('retry first id only of a batch', async () => {
    const s = fresh()
    const [a, b] = ids(2)
    await append(s, [withId(a, 0), withId(b, 1)], { expectedRevision: NO_STREAM })
    return [await append(s, withId(a, 0), { expectedRevision: NO_STREAM }), (await read(s)).length]
  })
  probe('retry with one id changed later in the batch', async () => {
    const s = fresh()
    const [a, b, c] = ids(3)
    await append(s, [withId(a, 0), withId(b, 1)], { expectedRevision: NO_STREAM })
    return append(s, [withId(a, 0), withId(c, 1)], { expectedRevision: NO_STREAM })
  })
  probe('retry with the first id changed', async () => {
    const s = fresh()
    const [a, b, c] = ids(3)
    await append(s, [withId(a, 0), withId(b, 1)], { expectedRevision: NO_STREAM })
    return append(s, [withId(c, 0), withId(b, 1)], { expectedRevision: NO_STREAM })
  })
  probe('retry longer than what was stored', async () => {
    const s = fresh()
    const [a, b] = ids(2)
    await append(s, withId(a, 0), { expectedRevision: NO_STREAM })
    return append(s, [withId(a, 0), withId(b, 1)], { expectedRevision: NO_STREAM })
  })
  probe('same id appended at the head again', async () => {
    const s = fresh()
    const [a] = ids(1)
    await append(s, withId(a, 0), { expectedRevision: NO_STREAM })
    return [await append(s, withId(a, 0), { expectedRevision: 0n }), (await read(s)).length]
  })
  probe('same id twice in one batch', async () => {
    const s = fresh()
    const [a] = ids(1)
    return [await append(s, [withId(a, 0), withId(a, 0)]), (await read(s)).length]
  })
  probe('same id to two streams', async () => {
    const [a] = ids(1)
    const s = fresh(),
      t = fresh()
    return [await append(s, withId(a, 0)), await append(t, withId(a, 0))]
  })
  probe('race of ten writers at one revision', async () => {
    const s = fresh()
    await append(s, ev(0))
    const r = await Promise.all(
      Array.from({ length: 10 }, (_, i) => append(s, ev(i), { expectedRevision: 0n })),
    )
    return {
      won: r.filter((x) => x.success).length,
      lost: r.filter((x) => x.error === 'wrong-expected-version').length,
      length: (await read(s)).length,
    }
  })
}
