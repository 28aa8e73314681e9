import type { JsonSchema } from '../event-schema/json-schema.ts'
import type { Downcaster } from '../evolution/downcaster.ts'
import type { Upcaster } from '../evolution/upcaster.ts'
import type { PersonalFields } from '../privacy/personal-field.ts'
import type { Constructor } from './constructor.ts'

/** A value JSON has no word for, and how it is written: an ISO 8601 string, a decimal string. */
export type FieldKind = 'date' | 'bigint'

/** A kind of event: its stable type name, its class and what its fields need. */
export interface EventDefinition<Event extends object = object> {
  readonly kind: 'event'
  /** Stable name in the log, such as `account.opened`. Never changes, whatever the class is called. */
  readonly type: string
  /** Version of the event's schema, from 1. */
  readonly version: number
  readonly class: Constructor<Event>
  /** Whether it was defined without a class: whoever only reads it may take its data for it. */
  readonly isPlain: boolean
  /** Fields that are no JSON, by path: `openedAt`, `period.from`, `lines[].bookedAt`. */
  readonly fields: Readonly<Record<string, FieldKind>>
  /** Fields that are stored sealed, by path, with the key of the person they are about. */
  readonly personal: PersonalFields
  /** Names it had before, under which it may still be stored. */
  readonly aliases: readonly string[]
  /** One for each version before this one, or none: then older versions are read as they are. */
  readonly upcasters: readonly Upcaster[]
  readonly downcasters: readonly Downcaster[]
  /** What its data is as JSON; undefined: made of the class, as far as it says. */
  readonly schema: JsonSchema | undefined
  /** Makes an event of this kind from its data, without calling the constructor. */
  create(data: Event): Event
}

/** What a user says of an event. */
export interface EventOptions<Event extends object = object> {
  /** Default: a class of its own, for events made with `create`. */
  readonly class?: Constructor<Event>
  /** Default 1. */
  readonly version?: number
  /** Declares `Date` and `bigint` fields, which are refused otherwise. Default none. */
  readonly fields?: Readonly<Record<string, FieldKind>>
  /** Fields with data about persons, by path: stored sealed, and unreadable once the person is forgotten. Default none. */
  readonly personal?: PersonalFields
  /** Names it had before, under which it may still be stored. Default none. */
  readonly aliases?: readonly string[]
  /**
   * What older versions have become, made with {@link upcast}: one for each version before this one.
   * Default: older versions are read as they are.
   */
  readonly upcast?: readonly Upcaster[]
  /** How the event is written for consumers on older versions, made with {@link downcast}. Default: not at all. */
  readonly downcast?: readonly Downcaster[]
  /** What its data is as JSON. Default: made of the class, as far as it says. */
  readonly schema?: JsonSchema
}

/**
 * Defines an event without a decorator.
 *
 * @param type Stable name in the log, such as `account.opened`.
 */
export function defineEvent<Event extends object>(
  type: string,
  options: EventOptions<Event> = {},
): EventDefinition<Event> {
  const eventClass = options.class ?? (class {} as unknown as Constructor<Event>)
  const prototype = eventClass.prototype as object
  return {
    kind: 'event',
    type,
    version: options.version ?? 1,
    class: eventClass,
    isPlain: options.class === undefined,
    fields: options.fields ?? {},
    personal: options.personal ?? {},
    aliases: options.aliases ?? [],
    upcasters: options.upcast ?? [],
    downcasters: options.downcast ?? [],
    schema: options.schema,
    create: (data) => Object.assign(Object.create(prototype) as Event, data),
  }
}
