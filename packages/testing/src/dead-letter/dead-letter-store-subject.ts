import { randomUUID } from 'node:crypto'
import {
  type DeadLetter,
  type DeadLetterQueue,
  type DeadLetterSearch,
  type DeadLetterState,
  type DeadLetterStore,
  type RecordedEvent,
  slotOf,
  streamName,
} from '@varve/core'

/** What a case of the dead-letter store's contract works on. The consumer is its own, so cases run side by side. */
export interface DeadLetterStoreSubject {
  readonly store: DeadLetterStore
  /** A consumer nobody ever put letters for. */
  readonly consumer: string
}

/** Makes the subject of one case, with a fresh consumer. */
export function deadLetterStoreSubject(store: DeadLetterStore): DeadLetterStoreSubject {
  return { store, consumer: `contract_${randomUUID().replaceAll('-', '')}__v1_1` }
}

/** What of a letter matters to a case. */
export interface SampleLetter {
  readonly consumer: string
  readonly model?: string
  readonly key: string
  readonly position: bigint
  /** Default `waiting`. */
  readonly state?: DeadLetterState
  readonly event?: Partial<RecordedEvent>
}

/** Long after every case has run. */
export const farFuture = new Date('2200-01-01')

/** Makes a letter: one that failed twice where it is tried again or dead, none that failed otherwise. */
export function letterOf({
  consumer,
  model,
  key,
  position,
  state = 'waiting',
  event,
}: SampleLetter): DeadLetter {
  const hasFailed = state === 'retrying' || state === 'dead'
  return {
    queue: { consumer, model, key },
    slot: slotOf(key),
    state,
    attempts: hasFailed ? 2 : 0,
    cause: hasFailed ? { name: 'Error', message: 'no such account' } : undefined,
    dueAt: state === 'retrying' ? farFuture : undefined,
    since: new Date(1_000),
    event: {
      id: `00000000-0000-4000-8000-${position.toString().padStart(12, '0').slice(-12)}`,
      type: 'account.deposited',
      stream: streamName('account', key),
      revision: position,
      position,
      data: { amount: Number(position) },
      metadata: { commandId: 'c1' },
      recordedAt: new Date(Number(position % 1_000_000n)),
      ...event,
    },
  }
}

/** The queue of a model's document. */
export function queueOf(consumer: string, model: string | undefined, key: string): DeadLetterQueue {
  return { consumer, model, key }
}

/** Reads all pages of a list. */
export async function listed(
  store: DeadLetterStore,
  filter: DeadLetterSearch,
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = []
  for await (const page of store.list(filter)) letters.push(...page)
  return letters
}

/** Names letters for comparing: `model/key@position state`. */
export function namesOf(letters: readonly DeadLetter[]): readonly string[] {
  return letters.map(
    ({ queue, event, state }) => `${queue.model ?? '-'}/${queue.key}@${event.position} ${state}`,
  )
}
