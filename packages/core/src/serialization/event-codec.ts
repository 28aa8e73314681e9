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
   * @throws {EventSchemaError} It is checked, and is not as its schema says.
   */
  encode(event: object): EncodedEvent

  /**
   * Encodes an event the way an older version was, for consumers that know no later one.
   *
   * @throws {DowncastError} There are no downcasters to that version, or one failed.
   */
  encodeAs(event: object, version: number): EncodedEvent

  /**
   * Brings a recorded event up to the versions and names that are declared now.
   *
   * @returns The events it stands for, none or several, each with its revision, position and id; undefined where
   *   it is as declared, which costs nothing to find out.
   * @throws {UpcastError} An upcaster failed.
   * @throws {NewerEventVersionError} It is stored in a version nobody here knows.
   */
  upcast(event: RecordedEvent): readonly RecordedEvent[] | undefined

  /**
   * Decodes a recorded event into an instance of its class. One that is not as declared now is brought up first.
   *
   * @throws {UnknownEventTypeError} Nobody declared the type.
   * @throws {MalformedEventError} The data is not what the type says.
   * @throws {NewerEventVersionError} It is stored in a version nobody here knows.
   * @throws {NotOneEventError} It stands for none or several events: {@link upcast} it first.
   */
  decode(event: RecordedEvent): object

  /**
   * As {@link EventCodec.decode}, for folds, which look at an event and do not keep it: an event that was defined
   * without a class and without declared fields is its data, and no copy is made.
   */
  read(event: RecordedEvent): object

  /** Names under which events of these types may be stored: what to ask a log for. */
  storedTypesOf(types: Iterable<string>): readonly string[]

  /** Types of the events that one stored under a name may stand for. */
  typesMadeOf(storedType: string): readonly string[]

  /** Returns the definition of an event's type, or of a name it had; undefined where nobody declared it. */
  definition(type: string): EventDefinition | undefined

  /** Returns the definition of an event instance; undefined where its class is no declared event. */
  definitionOf(event: object): EventDefinition | undefined
}
