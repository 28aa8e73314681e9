import { schemaOfClass } from '@varve/class-validator'
import {
  buildModel,
  type Constructor,
  type Definition,
  definitionsOf,
  type EventSchema,
  eventSchemas,
} from '@varve/core'

/**
 * Makes the schemas of an application's events: given by their `schema`, or of the rules of class-validator on their
 * classes.
 *
 * @param definitions As for `createApplication`.
 * @throws {ConfigurationError} With every mistake in the definitions and the schemas.
 */
export function schemasOf(
  definitions: readonly (Constructor | Definition)[],
): readonly EventSchema[] {
  return eventSchemas(buildModel(definitionsOf(definitions)).events, schemaOfClass)
}
