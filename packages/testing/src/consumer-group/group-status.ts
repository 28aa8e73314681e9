import { setTimeout } from 'node:timers/promises'
import type { ConsumerGroup, ConsumerGroupStatus, ParkedEvent } from '@varve/core'
import { OutOfPatienceError } from '../contract/contract-errors.ts'
import type { ConsumerGroupStoreSubject } from './consumer-group-store-subject.ts'

const pauseMs = 20

/** Asks for the group's status until it is as awaited. */
export async function statusOf(
  { store, group: own, patienceMs }: ConsumerGroupStoreSubject,
  awaited: string,
  isAsAwaited: (status: ConsumerGroupStatus) => boolean,
  group: ConsumerGroup = own,
): Promise<ConsumerGroupStatus> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const status = await store.describe(group)
    if (status && isAsAwaited(status)) return status
    if (Date.now() > deadline) throw new OutOfPatienceError(awaited, patienceMs)
    await setTimeout(pauseMs)
  }
}

/** Waits until so many events are parked, and reads them. */
export async function parkedEvents(
  subject: ConsumerGroupStoreSubject,
  count: number,
): Promise<readonly ParkedEvent[]> {
  const { store, group } = subject
  await statusOf(subject, `${count} parked events`, ({ parked }) => parked === count)
  const all: ParkedEvent[] = []
  for await (const batch of store.parked(group)) all.push(...batch)
  return all
}
