import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'

/** Answers are compared without ids, times and positions; this is how long one may take. */
const PATIENCE_MS = 25_000

/**
 * A client and what the questions are asked with. Every question uses fresh stream names, so that it can be
 * asked of a server with other data.
 */
export function openSession(url) {
  const client = EventStoreDBClient.connectionString(url)
  const questions = new Map()
  const run = randomUUID().slice(0, 8)
  let counter = 0
  const probe = (name, ask) => questions.set(name, ask)
  const fresh = (category = 'probe') => `${category}-${run}-${++counter}`
  const append = (stream, events, options) =>
    attempt(async () => appended(await client.appendToStream(stream, events, options)))
  const read = (stream, options = {}) =>
    attempt(async () => {
      const out = []
      for await (const resolved of client.readStream(stream, options)) out.push(brief(resolved))
      return out
    })
  const seeded = async (count = 5) => {
    const stream = fresh()
    await client.appendToStream(stream, evs(count))
    return stream
  }
  return {
    ...{ client, questions, run, probe, fresh, append, read, seeded },
    ...{
      appended,
      attempt,
      bytes,
      brief,
      collect,
      ev,
      evs,
      failure,
      ids,
      plain,
      sleep,
      within,
      withId,
    },
    /** Asks one question; the answer is plain JSON. */
    ask: async (name) => {
      const answer = await within(attempt(questions.get(name)), PATIENCE_MS, name).catch(failure)
      return JSON.parse(normalised(answer, run))
    },
    /** A client whose subscriptions were left with events unread never finishes disposing. */
    close: () => Promise.race([client.dispose(), sleep(500)]),
  }
}

function normalised(answer, run) {
  return JSON.stringify(answer, (_key, value) => (value === undefined ? null : plain(value)))
    .replaceAll(run, 'RUN')
    .replace(/(probe|links|noise)-RUN-\d+/g, '$1-RUN')
}

const ev = (n, type = 'Probed', extra = {}) => jsonEvent({ type, data: { n, ...extra } })
const evs = (count, from = 0, type = 'Probed') =>
  Array.from({ length: count }, (_, index) => ev(from + index, type))
const ids = (count) => Array.from({ length: count }, () => randomUUID())
const withId = (id, n) => jsonEvent({ id, type: 'Probed', data: { n } })
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function within(promise, ms, what) {
  const late = sleep(ms).then(() => {
    throw Object.assign(new Error(what), { type: 'probe-timeout' })
  })
  return Promise.race([promise, late])
}

const plain = (value) => (typeof value === 'bigint' ? `${value}n` : value)

const failure = (error) => ({
  error: error.type ?? error.name,
  code: error.code,
  ...(error.expectedVersion !== undefined && { expectedVersion: plain(error.expectedVersion) }),
  ...(error.actualVersion !== undefined && { actualVersion: plain(error.actualVersion) }),
  ...(error.maxAppendSize !== undefined && { maxAppendSize: error.maxAppendSize }),
})

async function attempt(run) {
  try {
    return await run()
  } catch (error) {
    return failure(error)
  }
}

const appended = (result) => ({
  success: result.success,
  next: plain(result.nextExpectedRevision),
  hasPosition: result.position !== undefined,
})

function bytes(data) {
  const text = Buffer.from(data).toString('latin1')
  return /^[ -~]+$/.test(text) ? `text:${text}` : `bytes:${Buffer.from(data).toString('hex')}`
}

function brief({ event, link }) {
  const place = link && { link: plain(link.revision) }
  if (!event) return { deleted: true, ...place }
  const data = event.isJson ? event.data : bytes(event.data)
  return { rev: plain(event.revision), type: event.type, data, ...place }
}

async function collect(subscription, count, ms = 5000) {
  const out = []
  const collecting = async () => {
    for await (const resolved of subscription) {
      out.push(brief(resolved))
      if (out.length >= count) break
    }
  }
  try {
    await within(collecting(), ms, `only ${out.length}/${count}`)
  } catch (error) {
    return { got: out, ...failure(error) }
  } finally {
    await attempt(() => subscription.unsubscribe())
  }
  return out
}
