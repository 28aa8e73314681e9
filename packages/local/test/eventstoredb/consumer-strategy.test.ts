import { describe, expect, it } from 'vitest'
import { consumerStrategy } from '../../src/eventstoredb/persistent/consumer-strategy.ts'
import {
  type GroupMessage,
  insertInOrder,
} from '../../src/eventstoredb/persistent/group-message.ts'

const consumer = (id: string, availableSlots = 1) => ({ id, availableSlots })
const message = (stream: string, metadata = '{}') => ({
  event: { stream, metadata: Buffer.from(metadata) },
})

describe('a consumer strategy', () => {
  const three = [consumer('a'), consumer('b'), consumer('c')]

  it('goes round the consumers that have room', () => {
    const strategy = consumerStrategy('RoundRobin')
    const consumers = [consumer('a'), consumer('b', 0), consumer('c')]
    const chosen = [1, 2, 3].map(() => strategy.choose(consumers, message('x'))?.id)
    expect(chosen).toEqual(['a', 'c', 'a'])
  })

  it('waits when nobody has room', () => {
    const full = [consumer('a', 0)]
    for (const name of ['RoundRobin', 'DispatchToSingle', 'Pinned'] as const) {
      expect(consumerStrategy(name).choose(full, message('x'))).toBeUndefined()
    }
  })

  it('moves only the streams of a consumer that left, when pinned', () => {
    const strategy = consumerStrategy('Pinned')
    const streams = Array.from({ length: 100 }, (_, n) => `stream-${n}`)
    const before = streams.map((stream) => strategy.choose(three, message(stream))?.id)
    const after = streams.map((stream) => strategy.choose(three.slice(0, 2), message(stream))?.id)
    const moved = streams.filter((_, index) => before[index] !== after[index])
    expect(moved).toEqual(streams.filter((_, index) => before[index] === 'c'))
    expect(new Set(before).size).toBe(3)
  })

  it('keeps one correlation together, when pinned by it', () => {
    const strategy = consumerStrategy('PinnedByCorrelation')
    const chosen = Array.from(
      { length: 20 },
      (_, n) => strategy.choose(three, message(`stream-${n}`, '{"$correlationId":"k"}'))?.id,
    )
    expect(new Set(chosen).size).toBe(1)
  })
})

describe('messages to be tried again', () => {
  it('stay in the order of the source, parked ones last', () => {
    const queue: GroupMessage[] = []
    for (const cursor of [5, 2, undefined, 7, 1]) insertInOrder(queue, { cursor } as GroupMessage)
    expect(queue.map(({ cursor }) => cursor)).toEqual([1, 2, 5, 7, undefined])
  })
})
