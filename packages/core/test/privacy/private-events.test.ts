import { InMemoryEventStore, InMemorySubjectKeyStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  decodeAll,
  defineEvent,
  type EventDefinition,
  JsonEventCodec,
  type JsonObject,
  MalformedEventError,
  MissingSubjectError,
  PrivateEvents,
  PrivateEventStore,
  type RecordedEvent,
  type StreamName,
  SubjectKeys,
  upcast,
} from '../../src/index.ts'

const stream = 'customer-c1' as StreamName

function worldOf(...events: readonly EventDefinition[]) {
  const log = new InMemoryEventStore()
  const keys = new SubjectKeys(new InMemorySubjectKeyStore())
  const store = new PrivateEventStore(log, new PrivateEvents(events, keys))
  const append = (type: string, data: JsonObject) =>
    store.append(stream, [{ id: crypto.randomUUID(), type, data, metadata: {} }], {
      expected: 'any',
    })
  const read = async (from: InMemoryEventStore | PrivateEventStore) => {
    const found: RecordedEvent[] = []
    for await (const batch of from.readStream(stream)) found.push(...batch)
    return found
  }
  return { log, keys, store, append, stored: () => read(log), opened: () => read(store) }
}

describe('fields', () => {
  test('are sealed where they are: inside of objects, and of every item of a list', async () => {
    const booked = defineEvent('booked', {
      personal: { 'to.name': {}, 'lines[].text': { placeholder: null }, missing: {}, nothing: {} },
    })
    const { append, stored, opened, keys } = worldOf(booked)
    const data = {
      to: { name: { first: 'Ada', last: ['King'] }, city: 'London' },
      lines: [{ text: 'gift for Ada', cents: 1 }, { cents: 2 }],
      nothing: null,
    }
    await append('booked', data)
    const [sealed] = await stored()
    expect(JSON.stringify(sealed?.data)).not.toMatch(/Ada|King/)
    expect(sealed).toMatchObject({
      data: { to: { city: 'London' }, lines: [{ cents: 1 }, { cents: 2 }], nothing: null },
      metadata: {
        sealed: {
          c1: [
            ['to', 'name'],
            ['lines', 0, 'text'],
          ],
        },
      },
    })
    expect((await opened())[0]?.data).toEqual(data)
    await keys.forget('c1')
    expect((await opened())[0]?.data).toEqual({
      to: { name: null, city: 'London' },
      lines: [{ text: null, cents: 1 }, { cents: 2 }],
      nothing: null,
    })
  })

  test('are sealed anew each time: the same text looks different', async () => {
    const { append, stored } = worldOf(defineEvent('named', { personal: { name: {} } }))
    await append('named', { name: 'Ada' })
    await append('named', { name: 'Ada' })
    const [first, second] = await stored()
    expect(first?.data).not.toEqual(second?.data)
  })

  test('of an event without any data about a person need no key', async () => {
    const { append, stored } = worldOf(
      defineEvent('named', { personal: { name: { subject: 'personId' } } }),
    )
    await append('named', { other: 1 })
    expect((await stored())[0]).toMatchObject({ data: { other: 1 }, metadata: {} })
    await expect(append('named', { name: 'Ada' })).rejects.toThrow(MissingSubjectError)
    await expect(append('named', { name: 'Ada', personId: 7 })).rejects.toThrow(
      'its field "personId" is 7: expected the id of the subject',
    )
  })

  test('that were changed in the log do not open: only that event cannot be read', async () => {
    const named = defineEvent('named', { personal: { name: {} } })
    const { append, stored, log, opened, store } = worldOf(named)
    await append('named', { name: 'Ada' })
    const [{ data, metadata }] = (await stored()) as [RecordedEvent]
    const { sealed, ...rest } = (data as { name: { sealed: string } }).name
    const changed = `${sealed.slice(0, -4)}${sealed.endsWith('AAA=') ? 'BBB=' : 'AAA='}`
    const forged = { name: { ...rest, sealed: changed } } as unknown as JsonObject
    await log.append(stream, [{ id: crypto.randomUUID(), type: 'named', data: forged, metadata }], {
      expected: 'any',
    })
    const codec = new JsonEventCodec([named])
    const [good, bad] = (await opened()) as [RecordedEvent, RecordedEvent]
    expect(codec.decode(good)).toEqual({ name: 'Ada' })
    expect(() => codec.decode(bad)).toThrow(MalformedEventError)
    expect(() => codec.decode(bad)).toThrow('that its key does not open')
    await store.close()
  })
})

test('a subscription opens what it delivers, and follows its subscription underneath', async () => {
  const { append, store } = worldOf(defineEvent('named', { personal: { name: {} } }))
  await append('named', { name: 'Ada' })
  const subscription = store.subscribe()
  for await (const { events, isCaughtUp } of subscription) {
    if (events.length > 0) expect(events[0]?.data).toEqual({ name: 'Ada' })
    if (isCaughtUp) break
  }
  await subscription.stop()
  expect(subscription.state).toBe('stopped')
})

test('events sealed under an old name and an old field are opened before they are brought up', async () => {
  const old = worldOf(defineEvent('customer.created', { personal: { name: {} } }))
  await old.append('customer.created', { name: 'Ada' })
  const registered = defineEvent('customer.registered', {
    version: 2,
    aliases: ['customer.created'],
    personal: { owner: {} },
    upcast: [upcast.from<{ name: string }>(1, ({ name }) => ({ owner: name.toUpperCase() }))],
  })
  const codec = new JsonEventCodec([registered])
  const store = new PrivateEventStore(old.log, new PrivateEvents([registered], old.keys))
  const read = async () => {
    const found: object[] = []
    for await (const batch of store.readAll())
      for (const event of batch) found.push(...decodeAll(codec, event))
    return found
  }
  expect(await read()).toEqual([{ owner: 'ADA' }])
  await old.keys.forget('c1')
  expect(await read()).toEqual([{ owner: '[FORGOTTEN]' }])
})
