import type { Constructor, FieldKind } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'

/** What `@Event` says of a class beyond its type. */
export interface EventDecoratorOptions {
  /** Version of the event's schema, a whole number from 1. Default 1. */
  readonly version?: number
  /** Declares `Date` and `bigint` fields by path, such as `openedAt` or `lines[].bookedAt`. Default none. */
  readonly fields?: Readonly<Record<string, FieldKind>>
}

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
