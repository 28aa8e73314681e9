import type { JsonValue } from '../serialization/json-value.ts'

/** What is said of a field that holds data about a person. */
export interface PersonalFieldOptions {
  /**
   * Field of the event with the id of the person, such as `customerId` or `customer.id`. Default: the id of the
   * aggregate.
   */
  readonly subject?: string
  /** What stands in its place once the person is forgotten. Default: `[forgotten]` for texts; null for everything else. */
  readonly placeholder?: JsonValue
}

/** Fields of an event that hold data about persons, by path: `owner`, `address.street`, `lines[].name`. */
export type PersonalFields = Readonly<Record<string, PersonalFieldOptions>>

/** Default placeholder of texts. */
export const forgotten = '[forgotten]'
