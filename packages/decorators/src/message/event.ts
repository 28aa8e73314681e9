import type { Constructor, EventOptions } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'

/** What `@Event` says of a class beyond its type: as `defineEvent`. */
export type EventDecoratorOptions = Omit<EventOptions, 'class'>

/** Records of {@link Event}. */
export const eventKey = metadataKey<EventDecoratorOptions & { readonly name: string }>('event')

/**
 * Makes a class an event.
 *
 * @param type Stable name in the log, such as `account.opened`; never inherited, never taken from the class's name.
 */
export function Event(type: string, options: EventDecoratorOptions = {}) {
  return (target: Constructor): void => record(eventKey, target, { name: type, ...options })
}
