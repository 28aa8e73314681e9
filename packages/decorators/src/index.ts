import 'reflect-metadata'

export { Aggregate, type AggregateDecoratorOptions } from './aggregate/aggregate.ts'
export { Applies, type AppliesMethod } from './aggregate/applies.ts'
export { Handles, type HandlesMethod } from './aggregate/handles.ts'
export { type CollectedDefinitions, collectDefinitions } from './collection/collect-definitions.ts'
export { EventHandler, type EventHandlerMethod } from './event-handler/event-handler.ts'
export { AggregateId } from './message/aggregate-id.ts'
export { Command } from './message/command.ts'
export { CommandHandler, type CommandHandlerMethods } from './message/command-handler.ts'
export { Event, type EventDecoratorOptions } from './message/event.ts'
export { PersonalData } from './message/personal-data.ts'
export { QueryHandler, type QueryHandlerMethods, type ViewsOf } from './message/query-handler.ts'
export {
  aggregateCategoryOf,
  aggregateIdPropertiesOf,
  commandTypeOf,
  eventHandlerNameOf,
  eventTypeOf,
  projectionNameOf,
  readModelNameOf,
} from './metadata/stable-names.ts'
export {
  FromSnapshot,
  type FromSnapshotDecoratorOptions,
  type FromSnapshotMethod,
} from './projection/from-snapshot.ts'
export {
  type JoinedDocument,
  On,
  type OnAnyMethod,
  type OnDecorator,
  type OnDecoratorOptions,
  type OnMethod,
  type OnResult,
} from './projection/on.ts'
export { Projection, type ProjectionDecoratorOptions } from './projection/projection.ts'
export { Writes, type WritesDecoratorOptions, type WritesMethod } from './projection/writes.ts'
export {
  ReadModel,
  type ReadModelClass,
  type ReadModelDecoratorOptions,
} from './read-model/read-model.ts'
