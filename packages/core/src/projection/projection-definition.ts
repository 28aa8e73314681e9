import type { EventDefinition } from '../message/event-definition.ts'
import type { HandlerScope } from '../message/handler-resolver.ts'
import type { ReadModelDefinition, ReadModelDocument } from '../read-model/read-model-definition.ts'
import type { EventContext } from './event-context.ts'
import type { SnapshotHandler } from './from-snapshot.ts'

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
  joined: readonly (ReadModelDocument | undefined)[],
) =>
  | Document
  | null
  | undefined
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a handler that only changes the document returns nothing
  | void

/** Names a document of the same projection that a handler reads besides its own. */
export interface DocumentJoin<Event = object> {
  readonly model: ReadModelDefinition
  /** Undefined: there is none for this event. */
  readonly id: (event: Event, context: EventContext) => string | undefined
}

/**
 * Says what an event does to a document in the store's own update operators, without the document being read:
 * `{ $inc: { count: 1 } }`. Undefined: nothing.
 */
export type UpdateOfDocument<Event = object> = (
  event: Event,
  context: EventContext,
) => Readonly<Record<string, unknown>> | undefined

interface HandlerBase {
  readonly event: EventDefinition
  readonly model: ReadModelDefinition
  readonly key: DocumentKey
}

/** Folds one kind of event into documents. */
export interface FoldHandler extends HandlerBase {
  readonly kind: 'fold'
  /** Documents it reads besides. Default none. */
  readonly joins?: readonly DocumentJoin[]
  /** Binds the handler to its instance; called once, when the projection starts. */
  bind(scope: HandlerScope): ApplyToDocument
}

/** Writes one kind of event into documents by update operators. */
export interface WriteHandler extends HandlerBase {
  readonly kind: 'write'
  bind(scope: HandlerScope): UpdateOfDocument
}

/** What a projection does with one kind of event. */
export type ProjectionHandler = FoldHandler | WriteHandler

/**
 * What becomes of an event that fails in every try. `dead-letter`: it and all later ones of the same document wait
 * in order while everything else goes on. `halt`: the projection stops there.
 */
export type ProjectionErrorPolicy = 'dead-letter' | 'halt'

/** A projection: the code that folds events into read models. */
export interface ProjectionDefinition {
  readonly kind: 'projection'
  readonly name: string
  /** Raise it when the handlers change: the read models are then rebuilt. */
  readonly version: number
  readonly models: readonly ReadModelDefinition[]
  readonly handlers: readonly ProjectionHandler[]
  /** Default `dead-letter`. */
  readonly onError?: ProjectionErrorPolicy
  /** How its documents are made from snapshots. Default: they are made of events only. */
  readonly fromSnapshot?: SnapshotHandler
}

/** A projection as plain functions. */
export interface ProjectionOptions {
  /** The read model, or models, it builds. */
  readonly into: ReadModelDefinition | readonly ReadModelDefinition[]
  /** Default 1. */
  readonly version?: number
  /** Made with {@link on}, {@link write} and {@link rekey}. */
  readonly handlers: readonly (ProjectionHandler | readonly ProjectionHandler[])[]
  /** Default `dead-letter`. */
  readonly onError?: ProjectionErrorPolicy
  /** How its documents are made from snapshots; made with {@link fromSnapshot}. Default: they are made of events only. */
  readonly fromSnapshot?: SnapshotHandler
}

/** Defines a projection without a decorator. */
export function defineProjection(name: string, options: ProjectionOptions): ProjectionDefinition {
  return {
    kind: 'projection',
    name,
    version: options.version ?? 1,
    models: [options.into].flat(),
    handlers: options.handlers.flat(),
    ...(options.onError && { onError: options.onError }),
    ...(options.fromSnapshot && { fromSnapshot: options.fromSnapshot }),
  }
}

/** Options of {@link on}. */
export interface OnOptions<Event> {
  /** Default: the id of the aggregate that emitted the event. */
  readonly key?: DocumentKey<Event>
  /**
   * Documents the handler reads besides its own, as they are at this event: its fourth argument, in this order.
   * A projection with joins has one worker at a time and needs level `exactly-once`.
   */
  readonly joins?: readonly DocumentJoin<Event>[]
}

/** Names what a projection does with one kind of event. */
export function on<Event extends object, Document extends ReadModelDocument>(
  event: EventDefinition<Event>,
  model: ReadModelDefinition<Document>,
  apply: ApplyToDocument<Event, Document>,
  options: OnOptions<Event> = {},
): FoldHandler {
  return {
    kind: 'fold',
    event: event,
    model: model,
    key: (options.key ?? keyByAggregate) as DocumentKey,
    ...(options.joins && { joins: options.joins as readonly DocumentJoin[] }),
    bind: () => apply as unknown as ApplyToDocument,
  }
}

/**
 * Names what a projection does with one kind of event by update operators: for hot documents and large arrays, which
 * need not be read. A read model is either folded or written, and a written one keeps no history.
 */
export function write<Event extends object>(
  event: EventDefinition<Event>,
  model: ReadModelDefinition,
  update: UpdateOfDocument<Event>,
  options: Pick<OnOptions<Event>, 'key'> = {},
): WriteHandler {
  return {
    kind: 'write',
    event: event,
    model: model,
    key: (options.key ?? keyByAggregate) as DocumentKey,
    bind: () => update as unknown as UpdateOfDocument,
  }
}

/** Options of {@link rekey}. */
export interface RekeyOptions<Event> {
  /** Id the document had. Default: the id of the aggregate that emitted the event. */
  readonly from?: (event: Event, context: EventContext) => string
  /** Id it gets. Whatever is there is replaced. */
  readonly to: (event: Event, context: EventContext) => string
}

/** Moves a document to another id, with what it holds. Does nothing where there is none to move. */
export function rekey<Event extends object>(
  event: EventDefinition<Event>,
  model: ReadModelDefinition,
  { from = (_event, context) => context.aggregateId, to }: RekeyOptions<Event>,
): readonly FoldHandler[] {
  const isMove = (moved: Event, context: EventContext): boolean =>
    from(moved, context) !== to(moved, context)
  const arrive = on(
    event,
    model,
    (moved, _document, context, [old]) => (old ? { ...old, _id: to(moved, context) } : undefined),
    {
      key: (moved, context) => (isMove(moved, context) ? to(moved, context) : undefined),
      joins: [{ model, id: from }],
    },
  )
  const leave = on(event, model, () => null, {
    key: (moved, context) => (isMove(moved, context) ? from(moved, context) : undefined),
  })
  return [arrive, leave]
}

/** The default key: the document carries the id of the aggregate. */
export const keyByAggregate: DocumentKey = (_event, context) => context.aggregateId

/**
 * Tells whether several workers can share a projection: not where a handler reads documents other than its own, which
 * may be another worker's.
 */
export function isShareable({ handlers }: ProjectionDefinition): boolean {
  return !handlers.some((handler) => handler.kind === 'fold' && handler.joins)
}
