import type { AggregateDefinition, CommandHandling } from '../aggregate/aggregate-definition.ts'
import type { EventHandlerDefinition } from '../event-handler/event-handler-definition.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { CommandHandlerDefinition } from '../message/command-handler-definition.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { QueryHandlerDefinition } from '../message/query-handler-definition.ts'
import type { ProjectionDefinition } from '../projection/projection-definition.ts'
import type { ReadModelDefinition } from '../read-model/read-model-definition.ts'

/** Anything an application is made of. */
export type Definition =
  | AggregateDefinition
  | CommandHandlerDefinition
  | EventDefinition
  | EventHandlerDefinition
  | ProjectionDefinition
  | QueryHandlerDefinition
  | ReadModelDefinition

/** A command and the aggregate that decides on it. */
export interface CommandRoute {
  readonly command: CommandDefinition
  readonly aggregate: AggregateDefinition
  readonly handling: CommandHandling<unknown>
}

/** A read model and the projection that builds it. */
export interface ReadModelRoute {
  readonly model: ReadModelDefinition
  readonly projection: ProjectionDefinition
}

/** An application's definitions, checked against each other. */
export interface ApplicationModel {
  readonly events: readonly EventDefinition[]
  readonly aggregates: readonly AggregateDefinition[]
  readonly projections: readonly ProjectionDefinition[]
  readonly eventHandlers: readonly EventHandlerDefinition[]
  /** By command type. */
  readonly commands: ReadonlyMap<string, CommandRoute>
  /** By class of the query. */
  readonly queries: ReadonlyMap<unknown, QueryHandlerDefinition>
  /** By name of the read model. */
  readonly readModels: ReadonlyMap<string, ReadModelRoute>
}
