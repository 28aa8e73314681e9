import type {
  AggregateDefinition,
  CommandDefinition,
  Definition,
  EventDefinition,
  ReadModelDefinition,
} from '@varve/core'
import type { Collection } from './collection.ts'

/** Notes the classes that were defined without decorators, so that decorated classes can name them. */
export function noteDefinition(collection: Collection, definition: Definition): void {
  switch (definition.kind) {
    case 'event':
      noteEvent(collection, definition)
      break
    case 'read-model':
      noteReadModel(collection, definition)
      break
    case 'aggregate':
      noteAggregate(collection, definition)
      break
    case 'command-handler':
      noteCommand(collection, definition.handling.command)
      break
    case 'projection':
      for (const model of definition.models) noteReadModel(collection, model)
      for (const { event } of definition.handlers) noteEvent(collection, event)
      break
    case 'event-handler':
      for (const { event } of definition.reactions) noteEvent(collection, event)
      break
    case 'query-handler':
      for (const model of definition.reads) noteReadModel(collection, model)
  }
}

function noteAggregate(collection: Collection, aggregate: AggregateDefinition): void {
  if (aggregate.class) collection.aggregates.set(aggregate.class, aggregate)
  for (const { command } of aggregate.commands) noteCommand(collection, command)
  for (const { event } of aggregate.events) noteEvent(collection, event)
}

function noteEvent(collection: Collection, event: EventDefinition): void {
  collection.events.set(event.class, event)
}

function noteCommand(collection: Collection, command: CommandDefinition): void {
  if (command.class) collection.commands.set(command.class, command)
}

function noteReadModel(collection: Collection, model: ReadModelDefinition): void {
  if (model.class) collection.readModels.set(model.class, model)
}
