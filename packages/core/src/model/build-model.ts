import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import { checkEventHandler } from '../event-handler/event-handler-checks.ts'
import type { EventHandlerDefinition } from '../event-handler/event-handler-definition.ts'
import { checkEvolution } from '../evolution/check-evolution.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { QueryHandlerDefinition } from '../message/query-handler-definition.ts'
import type { ProjectionDefinition } from '../projection/projection-definition.ts'
import type { ReadModelDefinition } from '../read-model/read-model-definition.ts'
import type {
  ApplicationModel,
  CommandRoute,
  Definition,
  ReadModelRoute,
} from './application-model.ts'
import { ConfigurationError } from './configuration-error.ts'
import { checkAggregate, checkFromSnapshot, checkHandlers, checkName } from './definition-checks.ts'

/**
 * Puts the definitions of an application together and checks them against each other.
 *
 * @param mistakes Found before, by whoever made the definitions; listed first.
 * @throws {ConfigurationError} With all mistakes.
 */
export function buildModel(
  definitions: readonly Definition[],
  mistakes: readonly string[] = [],
): ApplicationModel {
  const builder = new ModelBuilder([...mistakes])
  const all = [...new Set(definitions)]
  const of = <Kind extends Definition['kind']>(kind: Kind) =>
    all.filter((definition) => definition.kind === kind) as Extract<Definition, { kind: Kind }>[]
  for (const event of of('event')) builder.addEvent(event)
  for (const aggregate of of('aggregate')) builder.addAggregate(aggregate)
  for (const handler of of('command-handler')) {
    if (builder.aggregates.includes(handler.aggregate))
      builder.addCommand(handler.aggregate, handler.handling)
    else
      builder.mistakes.push(
        `The handler of command "${handler.handling.command.type}" is for aggregate "${handler.aggregate.category}", which is not among the definitions.`,
      )
  }
  for (const projection of of('projection')) builder.addProjection(projection)
  for (const handler of of('event-handler')) builder.addEventHandler(handler)
  for (const model of of('read-model')) builder.checkReadModel(model)
  for (const handler of of('query-handler')) builder.addQuery(handler)
  builder.mistakes.push(...checkEvolution([...builder.events.values()]))
  if (builder.mistakes.length > 0) throw new ConfigurationError(builder.mistakes)
  return builder.build()
}

class ModelBuilder {
  readonly events = new Map<string, EventDefinition>()
  readonly aggregates: AggregateDefinition[] = []
  readonly projections: ProjectionDefinition[] = []
  readonly eventHandlers: EventHandlerDefinition[] = []
  readonly commands = new Map<string, CommandRoute>()
  readonly queries = new Map<unknown, QueryHandlerDefinition>()
  readonly readModels = new Map<string, ReadModelRoute>()

  constructor(readonly mistakes: string[]) {}

  addEvent(event: EventDefinition): void {
    const known = this.events.get(event.type)
    if (known && known.class !== event.class) {
      this.mistakes.push(
        `Event type "${event.type}" is declared twice, by ${nameOf(known)} and ${nameOf(event)}. Give one of them another type.`,
      )
      return
    }
    const namesake = [...this.events.values()].find((one) => one.class === event.class)
    if (namesake && namesake.type !== event.type)
      this.mistakes.push(
        `Event class ${nameOf(event)} has two types, "${namesake.type}" and "${event.type}". Give each event a class of its own.`,
      )
    if (!known) this.mistakes.push(...checkName('Event', event.type))
    this.events.set(event.type, event)
  }

  addAggregate(aggregate: AggregateDefinition): void {
    if (this.aggregates.some(({ category }) => category === aggregate.category))
      this.mistakes.push(`Two aggregates have the category "${aggregate.category}".`)
    this.mistakes.push(...checkAggregate(aggregate))
    this.aggregates.push(aggregate)
    for (const { event } of aggregate.events) this.addEvent(event)
    for (const handling of aggregate.commands) this.addCommand(aggregate, handling)
  }

  addCommand(aggregate: AggregateDefinition, handling: CommandRoute['handling']): void {
    const { command } = handling
    const known = this.commands.get(command.type)
    if (known)
      this.mistakes.push(
        known.command.class === command.class
          ? `Command "${command.type}" has two handlers, in "${known.aggregate.category}" and "${aggregate.category}". Keep one.`
          : `Command type "${command.type}" is declared twice, by ${known.command.class?.name ?? 'a definition'} and ${command.class?.name ?? 'a definition'}.`,
      )
    this.mistakes.push(...checkName('Command', command.type))
    this.commands.set(command.type, { command, aggregate, handling })
  }

  addProjection(projection: ProjectionDefinition): void {
    const { name } = projection
    if (this.projections.some((known) => known.name === name))
      this.mistakes.push(`Two projections are named "${name}".`)
    this.mistakes.push(...checkName('Projection', name))
    if (projection.models.length === 0)
      this.mistakes.push(`Projection "${name}" has no read model: say into which.`)
    if (projection.handlers.length === 0)
      this.mistakes.push(`Projection "${name}" handles no event.`)
    this.projections.push(projection)
    for (const model of projection.models) this.addReadModel(model, projection)
    for (const { event, model } of projection.handlers) {
      this.addEvent(event)
      if (!projection.models.includes(model))
        this.mistakes.push(
          `Projection "${name}" handles "${event.type}" for read model "${model.name}", which it does not build.`,
        )
    }
    this.mistakes.push(
      ...checkHandlers(projection),
      ...checkFromSnapshot(projection, this.aggregates),
    )
    for (const event of projection.fromSnapshot?.firstEvents ?? []) this.addEvent(event)
  }

  addEventHandler(handler: EventHandlerDefinition): void {
    if (this.eventHandlers.some(({ name }) => name === handler.name))
      this.mistakes.push(`Two event handlers are named "${handler.name}".`)
    this.mistakes.push(...checkEventHandler(handler))
    this.eventHandlers.push(handler)
    for (const { event } of handler.reactions) this.addEvent(event)
  }

  addReadModel(model: ReadModelDefinition, projection: ProjectionDefinition): void {
    const known = this.readModels.get(model.name)
    if (known)
      this.mistakes.push(
        `Read model "${model.name}" is built by two projections, "${known.projection.name}" and "${projection.name}". Each has one.`,
      )
    this.mistakes.push(...checkName('Read model', model.name))
    this.readModels.set(model.name, { model, projection })
  }

  checkReadModel(model: ReadModelDefinition): void {
    if (!this.readModels.has(model.name))
      this.mistakes.push(`Read model "${model.name}" has no projection that builds it.`)
  }

  addQuery(handler: QueryHandlerDefinition): void {
    const query = handler.query.name
    if (this.queries.has(handler.query))
      this.mistakes.push(`Query ${query} has two handlers. Keep one.`)
    for (const model of handler.reads)
      if (this.readModels.get(model.name)?.model !== model)
        this.mistakes.push(
          `The handler of query ${query} reads "${model.name}", which no projection among the definitions builds.`,
        )
    this.queries.set(handler.query, handler)
  }

  build(): ApplicationModel {
    return {
      events: [...this.events.values()],
      aggregates: this.aggregates,
      projections: this.projections,
      eventHandlers: this.eventHandlers,
      commands: this.commands,
      queries: this.queries,
      readModels: this.readModels,
    }
  }
}

/** Events made without a class have an unnamed one of their own. */
function nameOf(event: EventDefinition): string {
  return event.class.name === '' ? 'a definition' : event.class.name
}
