import type { DeadLetter, DeadLetterFilter, DeadLetterStore } from '@varve/core'

/** All letters of a filter's queues, discarded ones included. */
export async function lettersOf(
  store: DeadLetterStore,
  filter: DeadLetterFilter,
): Promise<readonly DeadLetter[]> {
  const heads = await store.heads(filter)
  const queues = await Promise.all(heads.map(({ queue }) => store.queue(queue, 1_000)))
  return queues.flat()
}
