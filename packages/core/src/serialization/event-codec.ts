import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { JsonObject } from './json-value.ts'

/** An event as JSON. */
export interface EncodedEvent {
  readonly type: string
  readonly data: JsonObject
  readonly schemaVersion: number
}

/** Turns events into what the log stores, and back. */
export interface EventCodec {
  /**
   * Encodes an event of a declared class.
   *
   * @throws {UndeclaredEventError} Its class is no declared event.
   * @throws {UnserializablePayloadError} A field holds what JSON cannot carry; names its path.
   */
  encode(event: object): EncodedEvent

  /**
   * Decodes a recorded event into an instance of its class.
   *
   * @throws {UnknownEventTypeError} Nobody declared the type.
   * @throws {MalformedEventError} The data is not what the type says.
   */
  decode(event: RecordedEvent): object

  /** Returns the definition of an event's type; undefined where nobody declared it. */
  definition(type: string): EventDefinition | undefined

  /** Returns the definition of an event instance; undefined where its class is no declared event. */
  definitionOf(event: object): EventDefinition | undefined
}
