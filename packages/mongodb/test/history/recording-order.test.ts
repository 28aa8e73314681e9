import { allSlots, defineReadModel, type ReadModelCommit } from '@varve/core'
import { describe, expect, it } from 'vitest'
import { RecordingOrder } from '../../src/history/recording-order.ts'

const model = defineReadModel('things', { history: true })

function commit(position: bigint | undefined, ...seconds: number[]): ReadModelCommit {
  const versions = seconds.map((second) => ({
    position: BigInt(second),
    recordedAt: new Date(second * 1_000),
    document: { _id: 'a' },
  }))
  const write = {
    model,
    id: 'a',
    document: { _id: 'a' },
    position: 9n,
    events: 1,
    previous: undefined,
    versions,
  }
  return {
    generation: { projection: 'things', version: 1, number: 1 },
    writes: [write],
    from: { id: 'things__v1_1', slots: allSlots, epoch: 1n, position },
    position: 9n,
  }
}

describe('the order in which versions are recorded', () => {
  it('holds for the first commit of a generation and those recorded after it', () => {
    const order = new RecordingOrder()
    expect(order.holds(commit(undefined, 1, 2))).toBe(true)
    order.note(commit(undefined, 1, 2))
    expect(order.holds(commit(2n, 2, 3))).toBe(true)
  })

  it('does not hold where the clock of the log went back', () => {
    const order = new RecordingOrder()
    order.note(commit(undefined, 5))
    expect(order.holds(commit(5n, 6, 4))).toBe(false)
  })

  it('is not known for what another process wrote before', () => {
    expect(new RecordingOrder().holds(commit(7n, 8))).toBe(false)
  })
})
