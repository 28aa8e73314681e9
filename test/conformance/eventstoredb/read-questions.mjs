import { START, END, BACKWARDS } from '@eventstore/db-client'

/** Reading streams and the whole log, from both ends. */
export function readQuestions({ brief, client, ev, evs, fresh, probe, read, seeded }) {
  probe('read missing stream', async () => read(fresh()))
  probe('read missing stream backwards', async () =>
    read(fresh(), { direction: BACKWARDS, fromRevision: END }),
  )
  probe('read forwards', async () => read(await seeded()))
  probe('read forwards from 2, two events', async () =>
    read(await seeded(), { fromRevision: 2n, maxCount: 2 }),
  )
  probe('read forwards past the end', async () => read(await seeded(), { fromRevision: 50n }))
  probe('read forwards from END', async () => read(await seeded(), { fromRevision: END }))
  probe('read backwards from END', async () =>
    read(await seeded(), { direction: BACKWARDS, fromRevision: END, maxCount: 2 }),
  )
  probe('read backwards from START', async () =>
    read(await seeded(), { direction: BACKWARDS, fromRevision: START }),
  )
  probe('read backwards from 2', async () =>
    read(await seeded(), { direction: BACKWARDS, fromRevision: 2n }),
  )
  probe('read backwards from past the end', async () =>
    read(await seeded(), { direction: BACKWARDS, fromRevision: 50n, maxCount: 2 }),
  )
  probe('read maxCount 0', async () => read(await seeded(), { maxCount: 0 }))
  probe('read 1000 events across pages', async () => {
    const s = fresh()
    await client.appendToStream(s, evs(1000))
    const r = await read(s)
    return {
      length: r.length,
      first: r[0],
      last: r.at(-1),
      contiguous: r.every((x, i) => x.rev === `${i}n`),
    }
  })
  probe('read all from a position is inclusive', async () => {
    const s = await seeded(3)
    let p
    for await (const { event } of client.readStream(s, { fromRevision: 1n, maxCount: 1 }))
      p = event.position
    const out = []
    for await (const r of client.readAll({ fromPosition: p, maxCount: 5 }))
      if (r.event.streamId === s) out.push(brief(r))
    return out
  })
  probe('read all backwards from a position is exclusive', async () => {
    const s = await seeded(3)
    let p
    for await (const { event } of client.readStream(s, { fromRevision: 1n, maxCount: 1 }))
      p = event.position
    const out = []
    for await (const r of client.readAll({ direction: BACKWARDS, fromPosition: p, maxCount: 5 }))
      if (r.event.streamId === s) out.push(brief(r))
    return out
  })
  probe('read all forwards is in append order over streams', async () => {
    const a = fresh(),
      b = fresh()
    const first = await client.appendToStream(a, ev(0))
    await client.appendToStream(b, ev(1))
    await client.appendToStream(a, ev(2))
    const out = []
    for await (const r of client.readAll({ fromPosition: first.position }))
      if ([a, b].includes(r.event?.streamId)) out.push(r.event.data.n)
    return out
  })
}
