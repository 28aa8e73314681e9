import type { Constructor, EventHandlerContext, EventHandlerSettings } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'

/**
 * A method of an event handler, which `@On` names the event of. What it promises is awaited before the next event.
 */
export type EventHandlerMethod<Event> = (
  event: Event,
  context: EventHandlerContext,
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a method that promises nothing returns nothing
) => void | Promise<unknown>

/** Records of {@link EventHandler}. */
export const eventHandlerKey = metadataKey<EventHandlerSettings & { readonly name: string }>(
  'event-handler',
)

/**
 * Makes a class an event handler: its `@On` methods react to events with effects on the world. It is resolved for
 * each event, in a scope of its own.
 *
 * @param name Stable name, the one its progress is kept under; never inherited.
 */
export function EventHandler(name: string, settings: EventHandlerSettings) {
  return (target: Constructor): void => record(eventHandlerKey, target, { name, ...settings })
}
