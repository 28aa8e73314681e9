import { InMemoryEventStore, InMemorySubjectKeyStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  defineEvent,
  type EventToAppend,
  InvalidMasterKeyError,
  masterKeyOf,
  PrivateEvents,
  PrivateEventStore,
  type PrivateEventsOptions,
  type RecordedEvent,
  type StreamName,
  SubjectKeys,
  type SubjectKeyStore,
  withMasterKey,
} from '../../src/index.ts'
import { Life, ProcessDied } from '../fixtures/mortal.ts'

const stream = 'customer-c1' as StreamName
const named = defineEvent('named', {
  personal: { name: {}, note: {}, 'friend.name': { subject: 'friend.id' } },
})
const moved = defineEvent('moved')

function processOn(
  log: InMemoryEventStore,
  keyStore: SubjectKeyStore,
  options: PrivateEventsOptions = {},
) {
  const keys = new SubjectKeys(keyStore, { ttlMs: 0 })
  return {
    keys,
    store: new PrivateEventStore(log, new PrivateEvents([named, moved], keys, options)),
  }
}

function eventOf(data: EventToAppend['data'], metadata = {}, id: string = crypto.randomUUID()) {
  return { id, type: 'named', data, metadata }
}

async function read(store: InMemoryEventStore | PrivateEventStore, of = stream) {
  const found: RecordedEvent[] = []
  for await (const batch of store.readStream(of)) found.push(...batch)
  return found
}

describe('a seal', () => {
  test('does not open in another field, event or stream', async () => {
    const log = new InMemoryEventStore()
    const { store } = processOn(log, new InMemorySubjectKeyStore())
    await store.append(stream, [eventOf({ name: 'Ada', note: 'x' })], { expected: 'any' })
    const [original] = (await read(log)) as [RecordedEvent]
    const data = original.data as Record<'name' | 'note', object>
    const swapped = { name: data.note, note: data.name }
    const forged = [
      { stream, event: eventOf(swapped as never, original.metadata) },
      { stream, event: eventOf(data as never, original.metadata) },
      {
        stream: 'customer-c2' as StreamName,
        event: { ...eventOf(data as never, original.metadata), id: original.id },
      },
    ]
    for (const one of forged) await log.append(one.stream, [one.event], { expected: 'any' })
    const opened = [...(await read(store)), ...(await read(store, 'customer-c2' as StreamName))]
    expect(opened.map((event) => event.data)).toEqual([
      { name: 'Ada', note: 'x' },
      ...Array.from({ length: 3 }, () => 'personal data of "c1" that its key does not open'),
    ])
  })

  test('is not taken for one where the writer only wrote something that looks the same', async () => {
    const { store } = processOn(new InMemoryEventStore(), new InMemorySubjectKeyStore())
    const data = { name: 'Ada', free: { sealed: 'AAAA', placeholder: 'gone' } }
    await store.append(stream, [eventOf(data)], { expected: 'any' })
    expect((await read(store))[0]?.data).toEqual(data)
  })

  test('whose key is unknown is an event that cannot be read, not one of a forgotten person', async () => {
    const log = new InMemoryEventStore()
    await processOn(log, new InMemorySubjectKeyStore()).store.append(
      stream,
      [eventOf({ name: 'Ada' })],
      { expected: 'any' },
    )
    const { store } = processOn(log, new InMemorySubjectKeyStore())
    expect((await read(store))[0]?.data).toBe(
      'personal data of "c1", whose key is not in the key store',
    )
  })
})

describe('traces of what is sealed', () => {
  test('are hidden: ids and digests made of the contents are others in the log', async () => {
    const log = new InMemoryEventStore()
    const { store, keys } = processOn(log, new InMemorySubjectKeyStore())
    const event = eventOf({ name: 'Ada' }, { commandDigest: 'digest-of-ada' })
    const beside = { ...eventOf({}, { commandDigest: 'digest-of-ada' }), type: 'moved' }
    await store.append(stream, [event, beside], { expected: 'any' })
    const stored = await read(log)
    expect(stored[0]?.id).not.toBe(event.id)
    expect(JSON.stringify(stored.map(({ metadata }) => metadata))).not.toContain('digest-of-ada')
    expect((await read(store))[0]?.metadata.commandDigest).toBe('digest-of-ada')
    await keys.forget('c1')
    expect((await read(store))[0]?.metadata).not.toHaveProperty('commandDigest')
  })

  test('are the same for the same event, so that one sent again is stored once', async () => {
    const log = new InMemoryEventStore()
    const { store } = processOn(log, new InMemorySubjectKeyStore())
    const event = eventOf({ name: 'Ada' })
    const first = await store.append(stream, [event], { expected: 'no-stream' })
    expect(await store.append(stream, [event], { expected: 'no-stream' })).toEqual(first)
    expect(await read(log)).toHaveLength(1)
  })
})

describe('tenants', () => {
  test('have persons of their own under the same id', async () => {
    const log = new InMemoryEventStore()
    const { store, keys } = processOn(log, new InMemorySubjectKeyStore(), { isByTenant: true })
    const friends = ['north', 'south'].map((tenant) => `customer-${tenant}.c1` as StreamName)
    for (const of of friends)
      await store.append(of, [eventOf({ friend: { id: 'f1', name: 'Bob' } })], { expected: 'any' })
    await keys.forget('north.f1')
    const [north, south] = await Promise.all(friends.map((of) => read(store, of)))
    expect(north?.[0]?.data).toEqual({ friend: { id: 'f1', name: '[forgotten]' } })
    expect(south?.[0]?.data).toEqual({ friend: { id: 'f1', name: 'Bob' } })
  })
})

describe('a master key', () => {
  const masterKey = Buffer.alloc(32, 7).toString('base64')

  test('is needed, the same one, to read what was sealed with it', async () => {
    const log = new InMemoryEventStore()
    const kept = new InMemorySubjectKeyStore()
    const { store } = processOn(log, withMasterKey(kept, masterKeyOf(masterKey)))
    await store.append(stream, [eventOf({ name: 'Ada' })], { expected: 'any' })
    expect((await read(store))[0]?.data).toEqual({ name: 'Ada' })
    for (const keyStore of [kept, withMasterKey(kept, new Uint8Array(32))]) {
      const [event] = await read(processOn(log, keyStore).store)
      expect(event?.data).toBe('personal data of "c1" that its key does not open')
    }
  })

  test('is 32 bytes as base64, and not told where it is something else', () => {
    expect(() => masterKeyOf('c2VjcmV0')).toThrow(InvalidMasterKeyError)
    expect(() => masterKeyOf('c2VjcmV0')).toThrow('6 bytes could be read')
    expect(() => masterKeyOf('c2VjcmV0')).not.toThrow('c2VjcmV0')
  })
})

describe('a process that dies at any call', () => {
  const moments = [1, 2, 3, 4, 5, 6, 7].flatMap((call) =>
    (['before', 'after'] as const).map((moment) => ({ call, moment })),
  )

  test.each(moments)(
    '$moment call $call leaves a log that the next one reads and goes on with',
    async ({ call, moment }) => {
      const log = new InMemoryEventStore()
      const kept = new InMemorySubjectKeyStore()
      const life = new Life(call, moment)
      const dying = processOn(
        life.wrap(log, ['append']),
        life.wrap<SubjectKeyStore>(kept, ['find', 'obtain', 'forget']),
      )
      const ids = ['1', '2', '3'].map(() => crypto.randomUUID())
      const work = async ({ keys, store }: ReturnType<typeof processOn>) => {
        await store.append(stream, [eventOf({ name: 'Ada' }, {}, ids[0])], {
          expected: 'no-stream',
        })
        const friend = { friend: { id: 'f1', name: 'Bob' } }
        await store.append(stream, [eventOf(friend, {}, ids[1])], { expected: 0n })
        await keys.forget('f1')
        await store.append(stream, [eventOf({ note: 'x' }, {}, ids[2])], { expected: 1n })
      }
      const died = await work(dying).then(
        () => false,
        (error: unknown) => error instanceof ProcessDied,
      )
      expect(died).toBe(true)

      const next = processOn(log, kept)
      const done = (await read(next.store)).map(({ data }) => data)
      const isForgotten = (await kept.find(['f1'])).get('f1') === 'forgotten'
      const name = isForgotten ? '[forgotten]' : 'Bob'
      const all = [{ name: 'Ada' }, { friend: { id: 'f1', name } }, { note: 'x' }]
      expect(done).toEqual(all.slice(0, done.length))
      expect(JSON.stringify((await read(log)).map(({ data }) => data))).not.toMatch(/Ada|Bob/)

      // Whatever was not done is done again, by the same ids.
      if (!isForgotten) await work(next)
      else {
        expect(await next.keys.forget('f1')).toBe(false)
        await next.store.append(stream, [eventOf({ note: 'x' }, {}, ids[2])], { expected: 1n })
      }
      expect((await read(next.store)).map(({ data }) => data)).toEqual([
        { name: 'Ada' },
        { friend: { id: 'f1', name: '[forgotten]' } },
        { note: 'x' },
      ])
    },
  )
})
