import { type EventStore, type EventToAppend, isVarveError, type StreamName } from '@varve/core'
import type { SeededRandom, SequentialIds } from '@varve/testing'

/** The types of events in a run. */
export const types = ['faults.red', 'faults.green', 'faults.blue'] as const

/** An append the store said it had recorded. */
export interface Acknowledged {
  readonly stream: StreamName
  /** Of the last event. */
  readonly revision: bigint
  /** Of the last event. */
  readonly position: bigint
  readonly ids: readonly string[]
}

/** Who writes, where and how much. */
export interface WriterOptions {
  readonly store: EventStore
  readonly stream: StreamName
  readonly events: number
  readonly random: SeededRandom
  readonly ids: SequentialIds
  /** Whether others write to the stream too, so that a conflict is in order. */
  readonly isShared: boolean
  readonly onAcknowledged: (append: Acknowledged) => void
}

/** Appends events, a few at a time, each time at the revision it knows the stream to have. */
export async function write(options: WriterOptions): Promise<void> {
  const { store, stream, random, onAcknowledged } = options
  let known: bigint | undefined
  for (let left = options.events; left > 0;) {
    const events = draw(options, Math.min(left, random.integer(1, 4)))
    try {
      const expected = known ?? 'no-stream'
      const { revision, position } = await store.append(stream, events, { expected })
      known = revision
      left -= events.length
      onAcknowledged({ stream, revision, position, ids: events.map(({ id }) => id) })
    } catch (error) {
      if (!options.isShared || !isVarveError(error)) throw error
      if (error.code !== 'WRONG_EXPECTED_REVISION') throw error
      known = (error as { actual?: bigint }).actual
    }
  }
}

function draw({ random, ids, stream }: WriterOptions, count: number): EventToAppend[] {
  return Array.from({ length: count }, () => ({
    id: ids.next(),
    type: random.pick(types),
    data: { stream, amount: random.integer(1, 1000), text: 'x'.repeat(random.integer(0, 200)) },
    metadata: {},
  }))
}
