import { START, persistentSubscriptionToStreamSettingsFromDefaults } from '@eventstore/db-client'

/** Persistent subscriptions: groups, answers, parking. */
export function persistentSubscriptionQuestions({
  failure,
  attempt,
  client,
  collect,
  fresh,
  probe,
  read,
  seeded,
  sleep,
  within,
}) {
  const settings = (o = {}) =>
    persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...o })
  const group = async (s, o) => {
    const g = fresh('group')
    await client.createPersistentSubscriptionToStream(s, g, settings(o))
    return g
  }
  probe('persistent: create twice, delete twice, subscribe to missing group', async () => {
    const s = await seeded(1)
    const g = await group(s)
    return [
      await attempt(() => client.createPersistentSubscriptionToStream(s, g, settings())),
      await attempt(async () => {
        await client.deletePersistentSubscriptionToStream(s, g)
        return 'deleted'
      }),
      await attempt(() => client.deletePersistentSubscriptionToStream(s, g)),
      await collect(client.subscribeToPersistentSubscriptionToStream(s, 'nope'), 1, 2500),
    ]
  })
  probe('persistent: ack advances, second consumer sees the rest', async () => {
    const s = await seeded(4)
    const g = await group(s)
    const sub = client.subscribeToPersistentSubscriptionToStream(s, g, { bufferSize: 1 })
    const out = []
    try {
      await within(
        (async () => {
          for await (const r of sub) {
            out.push(Number(r.event.revision))
            await sub.ack(r)
            if (out.length === 4) break
          }
        })(),
        5000,
        'ps',
      )
    } catch (e) {
      return { out, ...failure(e) }
    } finally {
      await attempt(() => sub.unsubscribe())
    }
    return out
  })
  probe('persistent: nack retry redelivers with a retry count, nack park parks', async () => {
    const s = await seeded(2)
    const g = await group(s)
    const sub = client.subscribeToPersistentSubscriptionToStream(s, g, { bufferSize: 1 })
    const log = []
    try {
      await within(
        (async () => {
          for await (const r of sub) {
            log.push([Number(r.event.revision), r.retryCount])
            if (r.event.revision === 0n && (r.retryCount ?? 0) < 2)
              await sub.nack('retry', 'again', r)
            else if (r.event.revision === 0n) await sub.nack('park', 'poison', r)
            else {
              await sub.ack(r)
              break
            }
          }
        })(),
        8000,
        'ps',
      )
    } catch (e) {
      return { log, ...failure(e) }
    } finally {
      await attempt(() => sub.unsubscribe())
    }
    await sleep(300)
    return {
      log,
      parked: await read(`$persistentsubscription-${s}::${g}-parked`, { resolveLinkTos: true }),
    }
  })
  probe('persistent: two consumers share the work', async () => {
    const s = await seeded(20)
    const g = await group(s)
    const seen = [[], []]
    const subs = [0, 1].map((i) => {
      const sub = client.subscribeToPersistentSubscriptionToStream(s, g, { bufferSize: 1 })
      sub.on('data', (r) => {
        seen[i].push(Number(r.event.revision))
        sub.ack(r)
      })
      sub.on('error', () => {})
      return sub
    })
    await sleep(1500)
    for (const x of subs) await attempt(() => x.unsubscribe())
    return {
      total: seen[0].length + seen[1].length,
      distinct: new Set([...seen[0], ...seen[1]]).size,
      both: seen.every((x) => x.length > 0),
    }
  })
}
