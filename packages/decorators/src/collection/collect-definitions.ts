import type { Constructor, Definition } from '@varve/core'
import { commandTypeOf, eventTypeOf, readModelNameOf } from '../metadata/stable-names.ts'
import { collectWith } from '../metadata/metadata.ts'
import { checkDecorated, checkHandled } from './check-class.ts'
import { className, isClass } from './class-name.ts'
import { collectAggregate } from './collect-aggregate.ts'
import { collectCommandHandlers } from './collect-command-handlers.ts'
import { collectCommand } from './collect-command.ts'
import { collectEventHandler } from './collect-event-handler.ts'
import { collectEvent } from './collect-event.ts'
import { collectProjection } from './collect-projection.ts'
import { collectQueryHandlers } from './collect-query-handlers.ts'
import { collectReadModel } from './collect-read-model.ts'
import { Collection } from './collection.ts'
import { noteDefinition } from './known-definitions.ts'

/** What the classes of an application came to. */
export interface CollectedDefinitions {
  /** For core's `buildModel`, in the order of the list. */
  readonly definitions: readonly Definition[]
  /** Every mistake found in the classes, one sentence or two each. Pass them to `buildModel`, which adds its own and throws. */
  readonly mistakes: readonly string[]
}

/**
 * Turns decorated classes into the definitions core works with. Definitions in the list are passed on as they are.
 *
 * Events, commands and read models are found through the classes that name them; an event may be listed as well.
 * A class comes to the same definition wherever it is named in one call, and to another one in the next call.
 */
export function collectDefinitions(
  classesAndDefinitions: readonly (Constructor | Definition)[],
): CollectedDefinitions {
  const collection = new Collection()
  const listed = [...new Set(classesAndDefinitions)]
  for (const entry of listed) if (isDefinition(entry)) noteDefinition(collection, entry)
  const definitions = listed.flatMap((entry): readonly Definition[] => {
    if (isDefinition(entry)) return [entry]
    if (isClass(entry)) return collectClass(collection, entry)
    const index = classesAndDefinitions.indexOf(entry)
    collection.mistakes.push(
      `Entry ${index} of the definitions is ${className(entry)}. List classes with a decorator of Varve, or definitions.`,
    )
    return []
  })
  for (const entry of listed)
    if (commandTypeOf(entry) !== undefined)
      collection.mistakes.push(...checkHandled(entry as Constructor, definitions))
  return { definitions, mistakes: collection.mistakes }
}

function isDefinition(entry: unknown): entry is Definition {
  return typeof entry === 'object' && entry !== null && 'kind' in entry
}

function collectClass(collection: Collection, target: Constructor): readonly Definition[] {
  const found = [
    collectAggregate(collection, target),
    collectProjection(collection, target),
    collectEventHandler(collection, target),
    eventTypeOf(target) === undefined ? undefined : collectEvent(collection, target, ''),
    readModelNameOf(target) === undefined ? undefined : collectReadModel(collection, target, ''),
    ...collectCommandHandlers(collection, target),
    ...collectQueryHandlers(collection, target),
  ]
  if (commandTypeOf(target) !== undefined) collectCommand(collection, target, '')
  collection.mistakes.push(...checkDecorated(target))
  return found.filter((definition) => definition !== undefined)
}

// The records on a class know nothing of how they are read, and tools that get a class know nothing of this package.
collectWith(collectDefinitions)
