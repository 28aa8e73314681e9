import type { EventMetadata } from '@varve/core'
import { SpecificationError } from './specification-errors.ts'

/** An event of the past, with what is known of it beyond its own fields. */
export interface GivenEvent {
  readonly event: object
  /** Id of the aggregate it belongs to. Default: the one the specification is about. */
  readonly aggregateId?: string
  /** Category of that aggregate. Default: the aggregate's, or `aggregate` for projections. */
  readonly category?: string
  /** When it was recorded. Default: when the event before it was. */
  readonly at?: Date
  /** Beside what a command notes. */
  readonly metadata?: EventMetadata
}

/** An event as an instance of its class, the same with more about it, or several. */
export type Given = object | readonly Given[]

/** Says which aggregate some events belong to. */
export function eventsOf(aggregateId: string, ...events: readonly Given[]): readonly GivenEvent[] {
  return flatten(events).map((given) => ({ aggregateId, ...given }))
}

/** Lists given events in their order, with what is known of each. */
export function flatten(given: readonly Given[]): readonly GivenEvent[] {
  return given.flatMap((one) => {
    if (Array.isArray(one)) return flatten(one as readonly Given[])
    if (typeof one !== 'object')
      throw new SpecificationError(
        'what is given',
        `has ${String(one)} in the place of an event: expected an instance of its class.`,
      )
    return isGivenEvent(one) ? [one] : [{ event: one }]
  })
}

/** Events are instances of their classes, so a plain object is none. */
function isGivenEvent(one: object): one is GivenEvent {
  return Object.getPrototypeOf(one) === Object.prototype && 'event' in one
}
