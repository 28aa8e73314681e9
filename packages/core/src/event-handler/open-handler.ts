import type { EventStore } from '../event-store/event-store.ts'
import type { EventHandlerDefinition } from './event-handler-definition.ts'
import type { HandlerProgress, HandlerProgressStore } from './handler-progress-store.ts'

/** Returns the progress of a handler; one that never ran is opened where its definition says. */
export async function openHandler(
  {
    eventStore,
    progress,
  }: { readonly eventStore: EventStore; readonly progress: HandlerProgressStore },
  { name, startFrom }: EventHandlerDefinition,
): Promise<HandlerProgress> {
  for (;;) {
    const found = await progress.read(name)
    if (found) return found
    await progress.open(name, startFrom === 'end' ? await endOf(eventStore) : undefined)
  }
}

/** Position of the last event of the log; undefined: it has none. */
async function endOf(eventStore: EventStore): Promise<bigint | undefined> {
  return positionBefore(eventStore, undefined)
}

/** Position of the last event before a position; undefined: there is none. */
export async function positionBefore(
  eventStore: EventStore,
  from: bigint | undefined,
): Promise<bigint | undefined> {
  const reading = eventStore.readAll({
    direction: 'backwards',
    limit: 1,
    ...(from !== undefined && { from }),
  })
  for await (const [last] of reading) return last?.position
  return undefined
}
