import { END, eventTypeFilter, streamNameFilter, excludeSystemEvents } from '@eventstore/db-client'

/** Catch-up subscriptions: starts, filters, going live. */
export function subscriptionQuestions({
  attempt,
  client,
  collect,
  ev,
  evs,
  failure,
  fresh,
  plain,
  probe,
  run,
  seeded,
  sleep,
  within,
}) {
  probe('subscribe to stream from start, then live', async () => {
    const s = await seeded(3)
    const sub = client.subscribeToStream(s)
    const got = collect(sub, 5)
    await sleep(300)
    await client.appendToStream(s, evs(2, 3))
    return got
  })
  probe('subscribe to stream from revision is exclusive', async () =>
    collect(client.subscribeToStream(await seeded(4), { fromRevision: 1n }), 2),
  )
  probe('subscribe to stream from END', async () => {
    const s = await seeded(2)
    const sub = client.subscribeToStream(s, { fromRevision: END })
    const got = collect(sub, 1)
    await sleep(500)
    await client.appendToStream(s, ev(2))
    return got
  })
  probe('subscribe to missing stream, then append', async () => {
    const s = fresh()
    const sub = client.subscribeToStream(s)
    const got = collect(sub, 1)
    await sleep(300)
    await client.appendToStream(s, ev(0))
    return got
  })
  probe('subscribe: confirmation and caughtUp events', async () => {
    const s = await seeded(3)
    const log = []
    const sub = client.subscribeToStream(s)
    for (const e of ['confirmation', 'caughtUp', 'fellBehind']) sub.on(e, () => log.push(e))
    sub.on('data', (r) => log.push(Number(r.event.revision)))
    sub.on('error', (e) => log.push(e.type))
    await sleep(1500)
    await attempt(() => sub.unsubscribe())
    return log
  })
  probe('subscribe to a tombstoned stream', async () => {
    const s = await seeded(2)
    await client.tombstoneStream(s)
    return collect(client.subscribeToStream(s), 1, 2500)
  })
  probe('live subscription when the stream is tombstoned', async () => {
    const s = await seeded(1)
    const sub = client.subscribeToStream(s)
    const got = collect(sub, 5, 2500)
    await sleep(300)
    await client.tombstoneStream(s)
    return got
  })
  probe('live subscription when the stream is soft-deleted and re-created', async () => {
    const s = await seeded(1)
    const sub = client.subscribeToStream(s)
    const got = collect(sub, 2, 3000)
    await sleep(300)
    await client.deleteStream(s)
    await client.appendToStream(s, ev(1))
    return got
  })
  probe('subscribe to all, event type prefix filter', async () => {
    const s = fresh()
    const type = `P${run}`
    const at = await client.appendToStream(s, evs(1))
    await client.appendToStream(s, [ev(1, `${type}-a`), ev(2, 'Other'), ev(3, `${type}-b`)])
    return collect(
      client.subscribeToAll({
        fromPosition: at.position,
        filter: eventTypeFilter({ prefixes: [`${type}-`] }),
      }),
      2,
    )
  })
  probe('subscribe to all, event type regex filter', async () => {
    const s = fresh()
    const type = `R${run}`
    const at = await client.appendToStream(s, evs(1))
    await client.appendToStream(s, [
      ev(1, `${type}.one`),
      ev(2, `${type}.two`),
      ev(3, `${type}.three`),
    ])
    return collect(
      client.subscribeToAll({
        fromPosition: at.position,
        filter: eventTypeFilter({ regex: `^(${type}\\.one|${type}\\.three)$` }),
      }),
      2,
    )
  })
  probe('subscribe to all, stream prefix filter', async () => {
    const c = `cat${run}`
    const a = `${c}-1`,
      b = `${c}-2`
    const at = await client.appendToStream(fresh(), ev(0))
    await client.appendToStream(a, ev(1))
    await client.appendToStream(fresh(), ev(2))
    await client.appendToStream(b, ev(3))
    return collect(
      client.subscribeToAll({
        fromPosition: at.position,
        filter: streamNameFilter({ prefixes: [`${c}-`] }),
      }),
      2,
    )
  })
  probe('subscribe to all from a position is exclusive', async () => {
    const s = fresh()
    const r = await client.appendToStream(s, ev(0))
    await client.appendToStream(s, ev(1))
    return collect(
      client.subscribeToAll({
        fromPosition: r.position,
        filter: streamNameFilter({ prefixes: [s] }),
      }),
      1,
    )
  })
  probe('filtered subscription reports checkpoints past unrelated events', async () => {
    const at = await client.appendToStream(fresh(), ev(0))
    const marks = []
    for (let i = 0; i < 10; i++) await client.appendToStream(fresh('noise'), evs(50))
    const sub = client.subscribeToAll({
      fromPosition: at.position,
      filter: eventTypeFilter({
        prefixes: [`none${run}`],
        maxSearchWindow: 32,
        checkpointInterval: 1,
        checkpointReached: async (_s, p) => {
          marks.push(p)
        },
      }),
    })
    sub.on('data', () => {})
    sub.on('error', () => {})
    await sleep(1500)
    await attempt(() => sub.unsubscribe())
    const commits = marks.map((p) => p.commit)
    return {
      some: commits.length > 3,
      increasing: commits.every((c, i) => i === 0 || c >= commits[i - 1]),
      neverBeforeStart: commits.every((c) => c >= at.position.commit),
      lastBeyondStart: commits.at(-1) > at.position.commit,
    }
  })
  probe('exclude system events', async () => {
    const s = fresh()
    const at = await client.appendToStream(s, ev(0))
    await client.setStreamMetadata(s, { maxCount: 9 })
    await client.appendToStream(s, ev(1))
    const sub = client.subscribeToAll({ fromPosition: at.position, filter: excludeSystemEvents() })
    return await collect(sub, 1)
  })
  probe('unfiltered all includes metadata events', async () => {
    const s = fresh()
    const at = await client.appendToStream(s, ev(0))
    await client.setStreamMetadata(s, { maxCount: 9 })
    await client.appendToStream(s, ev(1))
    const out = []
    for await (const r of client.readAll({ fromPosition: at.position }))
      if (r.event?.streamId.includes(s)) out.push([r.event.type, plain(r.event.revision)])
    return out
  })
  probe('slow consumer receives everything in order', async () => {
    const s = fresh()
    await client.appendToStream(s, evs(3000))
    const out = []
    const sub = client.subscribeToStream(s)
    try {
      await within(
        (async () => {
          for await (const r of sub) {
            out.push(Number(r.event.revision))
            if (out.length % 500 === 0) await sleep(50)
            if (out.length === 3000) break
          }
        })(),
        20000,
        'slow',
      )
    } catch (e) {
      return failure(e)
    } finally {
      await attempt(() => sub.unsubscribe())
    }
    return { length: out.length, ordered: out.every((x, i) => x === i) }
  })
}
