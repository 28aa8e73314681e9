import { aggregateKey } from '../aggregate/aggregate.ts'
import { eventHandlerKey } from '../event-handler/event-handler.ts'
import { aggregateIdKey } from '../message/aggregate-id.ts'
import { commandKey } from '../message/command.ts'
import { eventKey } from '../message/event.ts'
import { projectionKey } from '../projection/projection.ts'
import { readModelKey } from '../read-model/read-model.ts'
import { memberRecords, type MetadataKey, ownRecords } from './metadata.ts'

/** Returns the type `@Event` gave the class; undefined where it is no event. */
export function eventTypeOf(target: unknown): string | undefined {
  return nameOf(eventKey, target)
}

/** Returns the type `@Command` gave the class; undefined where it is no command. */
export function commandTypeOf(target: unknown): string | undefined {
  return nameOf(commandKey, target)
}

/** Returns the category `@Aggregate` gave the class; undefined where it is no aggregate. */
export function aggregateCategoryOf(target: unknown): string | undefined {
  return nameOf(aggregateKey, target)
}

/** Returns the name `@Projection` gave the class; undefined where it is no projection. */
export function projectionNameOf(target: unknown): string | undefined {
  return nameOf(projectionKey, target)
}

/** Returns the name `@EventHandler` gave the class; undefined where it is no event handler. */
export function eventHandlerNameOf(target: unknown): string | undefined {
  return nameOf(eventHandlerKey, target)
}

/** Returns the name `@ReadModel` gave the class; undefined where it is no read model. */
export function readModelNameOf(target: unknown): string | undefined {
  return nameOf(readModelKey, target)
}

/** Returns the properties of the class, inherited ones included, that carry `@AggregateId`: one, where nothing is wrong. */
export function aggregateIdPropertiesOf(target: unknown): readonly string[] {
  return [...new Set(memberRecords(aggregateIdKey, target).map(({ member }) => member))]
}

function nameOf(key: MetadataKey<{ readonly name: string }>, target: unknown): string | undefined {
  return ownRecords(key, target)[0]?.name
}
