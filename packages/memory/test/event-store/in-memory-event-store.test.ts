import { randomUUID } from 'node:crypto'
import {
  type EventToAppend,
  EventStoreClosedError,
  EventTooLargeError,
  InvalidAppendError,
  type RecordedEvent,
  streamName,
  toStreamName,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import { InMemoryEventStore } from '../../src/index.ts'

const stream = streamName('account', 'a1')

function event(type: string, data: EventToAppend['data'] = {}): EventToAppend {
  return { id: randomUUID(), type, data, metadata: {} }
}

async function read(store: InMemoryEventStore): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const batch of store.readStream(stream)) events.push(...batch)
  return events
}

describe('what is recorded', () => {
  test('does not change when the writer changes its objects later', async () => {
    const store = new InMemoryEventStore()
    const data = { lines: [{ price: 1 }] }
    await store.append(stream, [event('ordered', data)], { expected: 'no-stream' })
    data.lines[0]!.price = 2
    expect((await read(store))[0]!.data).toEqual({ lines: [{ price: 1 }] })
  })

  test('cannot be changed by a reader', async () => {
    const store = new InMemoryEventStore()
    await store.append(stream, [event('ordered', { lines: [1] })], { expected: 'no-stream' })
    const [recorded] = await read(store)
    expect(() => ((recorded as { type: string }).type = 'other')).toThrow(TypeError)
    expect(() => (recorded!.data as { lines: number[] }).lines.push(2)).toThrow(TypeError)
    expect(() => recorded!.recordedAt.setFullYear(1999)).toThrow(TypeError)
  })

  test('is dated by the clock', async () => {
    const store = new InMemoryEventStore({ clock: { now: () => new Date('2024-02-29T12:00:00Z') } })
    await store.append(stream, [event('ordered')], { expected: 'no-stream' })
    expect((await read(store))[0]!.recordedAt).toStrictEqual(new Date('2024-02-29T12:00:00Z'))
  })
})

describe('an append', () => {
  test('without events is refused', async () => {
    const store = new InMemoryEventStore()
    await expect(store.append(stream, [], { expected: 'any' })).rejects.toThrow(InvalidAppendError)
  })

  test('with an id that is no UUID is refused', async () => {
    const store = new InMemoryEventStore()
    await expect(
      store.append(stream, [{ ...event('ordered'), id: 'e1' }], { expected: 'any' }),
    ).rejects.toThrow('The append to "account-a1" is refused: the event id "e1" is no UUID.')
  })

  test('of which one payload cannot be JSON records nothing', async () => {
    const store = new InMemoryEventStore()
    const bad = { ...event('bad'), data: { amount: 1n as unknown as number } }
    await expect(
      store.append(stream, [event('good'), bad], { expected: 'no-stream' }),
    ).rejects.toThrow('JSON cannot carry the payload of an event of type "bad"')
    expect(await read(store)).toEqual([])
  })

  test('over the limit in bytes is refused, and counts bytes rather than characters', async () => {
    const store = new InMemoryEventStore({ maxAppendBytes: 100 })
    const fits = event('fits', { text: 'a'.repeat(80) })
    const tooLarge = event('too-large', { text: 'ü'.repeat(80) })
    await store.append(stream, [fits], { expected: 'no-stream' })
    await expect(store.append(stream, [tooLarge], { expected: 0n })).rejects.toThrow(
      EventTooLargeError,
    )
  })

  test('ignores the case of ids when it looks for a repetition', async () => {
    const store = new InMemoryEventStore()
    const once = event('ordered')
    await store.append(stream, [once], { expected: 'no-stream' })
    await store.append(stream, [{ ...once, id: once.id.toUpperCase() }], { expected: 'no-stream' })
    expect(await read(store)).toHaveLength(1)
  })
})

describe("what EventStoreDB's table of retries says beyond the contract", () => {
  test('the first part of a batch is a retry of it', async () => {
    const store = new InMemoryEventStore()
    const [first, second] = [event('a'), event('b')]
    await store.append(stream, [first, second], { expected: 'no-stream' })
    const again = await store.append(stream, [first], { expected: 'no-stream' })
    expect(again.revision).toBe(0n)
    expect(await read(store)).toHaveLength(2)
  })

  test('at the head the same id is recorded again', async () => {
    const store = new InMemoryEventStore()
    const once = event('a')
    await store.append(stream, [once, once], { expected: 'no-stream' })
    await store.append(stream, [once], { expected: 1n })
    expect(await read(store)).toHaveLength(3)
  })

  test('at "any" a batch that starts with a new id is recorded, one that goes on with one is refused', async () => {
    const store = new InMemoryEventStore()
    const known = event('a')
    await store.append(stream, [known], { expected: 'any' })
    await expect(store.append(stream, [known, event('b')], { expected: 'any' })).rejects.toThrow(
      'Stream "account-a1" is at revision 0, but any was expected.',
    )
    await store.append(stream, [event('b'), known], { expected: 'any' })
    expect(await read(store)).toHaveLength(3)
  })

  test('at "any" a repeated id is answered with where it was recorded last', async () => {
    const store = new InMemoryEventStore()
    const known = event('a')
    await store.append(stream, [known], { expected: 'no-stream' })
    await store.append(stream, [event('b')], { expected: 0n })
    await store.append(stream, [known], { expected: 1n })
    expect((await store.append(stream, [known], { expected: 'any' })).revision).toBe(2n)
  })
})

describe("the server's own events", () => {
  test('take a revision but are never delivered', async () => {
    const store = new InMemoryEventStore()
    await store.append(toStreamName('account-a1'), [event('a'), event('$b'), event('c')], {
      expected: 'no-stream',
    })
    expect((await read(store)).map(({ type, revision }) => [type, revision])).toEqual([
      ['a', 0n],
      ['c', 2n],
    ])
  })
})

describe('a stopped subscription', () => {
  test('that nobody iterated ends at once when iterated', async () => {
    const store = new InMemoryEventStore()
    const subscription = store.subscribe()
    await subscription.stop()
    for await (const _ of subscription) expect.unreachable()
    expect(subscription.state).toBe('stopped')
  })
})

describe('a closed store', () => {
  test('names the call it refuses', async () => {
    const store = new InMemoryEventStore()
    await store.close()
    await expect(store.append(stream, [event('a')], { expected: 'any' })).rejects.toThrow(
      new EventStoreClosedError('append'),
    )
    expect(() => store.subscribe()).toThrow(new EventStoreClosedError('subscribe'))
  })
})
