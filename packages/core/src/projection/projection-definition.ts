import type { EventDefinition } from '../message/event-definition.ts'
import type { HandlerScope } from '../message/handler-resolver.ts'
import type { ReadModelDefinition, ReadModelDocument } from '../read-model/read-model-definition.ts'
import type { EventContext } from './event-context.ts'

/** Names the document, or documents, an event is for. Undefined or none: the event is for none. */
export type DocumentKey<Event = object> = (
  event: Event,
  context: EventContext,
) => string | readonly string[] | undefined

/**
 * Folds an event into a document.
 *
 * Returns the new document, nothing to keep the given one as it was changed, or null to delete it.
 * `document` is undefined where there is none yet. Must be synchronous and depend on nothing but its arguments.
 */
export type ApplyToDocument<
  Event = object,
  Document extends ReadModelDocument = ReadModelDocument,
> = (
  event: Event,
  document: Document | undefined,
  context: EventContext,
) =>
  | Document
  | null
  | undefined
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a handler that only changes the document returns nothing
  | void

/** What a projection does with one kind of event. */
export interface ProjectionHandler {
  readonly event: EventDefinition
  readonly model: ReadModelDefinition
  readonly key: DocumentKey
  /** Binds the handler to its instance; called once, when the projection starts. */
  bind(scope: HandlerScope): ApplyToDocument
}

/** A projection: the code that folds events into read models. */
export interface ProjectionDefinition {
  readonly kind: 'projection'
  readonly name: string
  /** Raise it when the handlers change: the read models are then rebuilt. */
  readonly version: number
  readonly models: readonly ReadModelDefinition[]
  readonly handlers: readonly ProjectionHandler[]
}

/** A projection as plain functions. */
export interface ProjectionOptions {
  /** The read model, or models, it builds. */
  readonly into: ReadModelDefinition | readonly ReadModelDefinition[]
  /** Default 1. */
  readonly version?: number
  /** Made with {@link on}. */
  readonly handlers: readonly ProjectionHandler[]
}

/** Defines a projection without a decorator. */
export function defineProjection(name: string, options: ProjectionOptions): ProjectionDefinition {
  return {
    kind: 'projection',
    name,
    version: options.version ?? 1,
    models: [options.into].flat(),
    handlers: options.handlers,
  }
}

/** Options of {@link on}. */
export interface OnOptions<Event> {
  /** Default: the id of the aggregate that emitted the event. */
  readonly key?: DocumentKey<Event>
}

/** Names what a projection does with one kind of event. */
export function on<Event extends object, Document extends ReadModelDocument>(
  event: EventDefinition<Event>,
  model: ReadModelDefinition<Document>,
  apply: ApplyToDocument<Event, Document>,
  options: OnOptions<Event> = {},
): ProjectionHandler {
  return {
    event: event,
    model: model,
    key: (options.key ?? keyByAggregate) as DocumentKey,
    bind: () => apply as unknown as ApplyToDocument,
  }
}

/** The default key: the document carries the id of the aggregate. */
export const keyByAggregate: DocumentKey = (_event, context) => context.aggregateId
