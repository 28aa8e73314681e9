import type { Constructor, DocumentKey, EventContext, ReadModelDocument } from '@varve/core'
import type { EventHandlerMethod } from '../event-handler/event-handler.ts'
import { type MemberRecord, metadataKey, recordMember } from '../metadata/metadata.ts'
import type { ReadModelClass } from '../read-model/read-model.ts'

/** What `@On` says of a method beyond the event. */
export interface OnDecoratorOptions<Event> {
  /** Names the document, or documents. Default: the id of the aggregate that emitted the event. */
  readonly key?: DocumentKey<Event>
  /**
   * Documents of the same projection the method reads besides its own, as they are at this event: its fourth
   * argument, in this order. Such a projection has one worker at a time and needs level `exactly-once`.
   */
  readonly joins?: readonly JoinedDocument<Event>[]
}

/** Names a document a method reads besides its own. */
export interface JoinedDocument<Event> {
  readonly model: ReadModelClass
  /** Undefined: there is none for this event. */
  readonly id: (event: Event, context: EventContext) => string | undefined
}

/** Returns the new document, nothing to keep the given one as it was changed, or null to delete it. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a method that only changes the document returns nothing
export type OnResult<Document> = Document | null | undefined | void

/**
 * A method of a projection that folds an event into a document, at once.
 *
 * Its document may be typed as the document, as the document or undefined, or, where there is none yet, as undefined;
 * what it joins as a tuple of documents or undefined.
 */
export type OnMethod<Event, Document extends ReadModelDocument> =
  | ((event: Event, document: Document, context: EventContext, joined: never) => OnResult<Document>)
  | ((
      event: Event,
      document: undefined,
      context: EventContext,
      joined: never,
    ) => OnResult<Document>)

/** As {@link OnMethod}, where the read model is the projection's only one and not named again. */
export type OnAnyMethod<Event> = (
  event: Event,
  document: never,
  context: EventContext,
  joined: never,
) => OnResult<ReadModelDocument>

/** Decorates an instance method; a class, which is what a static one is decorated on, has a prototype. */
export type OnDecorator<Shape> = <Method extends Shape>(
  target: object & { readonly prototype?: never },
  member: string,
  method: TypedPropertyDescriptor<Method>,
) => void

/** What `@On` says of a method. */
export interface OnRecord extends MemberRecord {
  readonly event: Constructor
  readonly key?: DocumentKey | undefined
  readonly into?: ReadModelClass | undefined
  readonly joins?: readonly JoinedDocument<object>[] | undefined
}

/** Records of {@link On}. */
export const onKey = metadataKey<OnRecord>('on')

/**
 * Makes a method of a projection or of an event handler the handler of an event. Several may stand on one method;
 * inherited.
 */
export function On<Event extends object>(
  event: Constructor<Event>,
): OnDecorator<OnAnyMethod<Event> | EventHandlerMethod<Event>>
/** As above, of a projection. */
export function On<Event extends object>(
  event: Constructor<Event>,
  options?: OnDecoratorOptions<Event>,
): OnDecorator<OnAnyMethod<Event>>
/** As above, naming the read model: needed where the projection has several. */
export function On<Event extends object, Document extends ReadModelDocument>(
  event: Constructor<Event>,
  options: OnDecoratorOptions<Event> & { readonly into: Constructor<Document> },
): OnDecorator<OnMethod<Event, Document>>
export function On<Event extends object>(
  event: Constructor<Event>,
  options: OnDecoratorOptions<Event> & { readonly into?: ReadModelClass } = {},
): OnDecorator<OnAnyMethod<Event>> {
  const { into } = options
  const key = options.key as DocumentKey | undefined
  const joins = options.joins as readonly JoinedDocument<object>[] | undefined
  return (target, member) => recordMember(onKey, target, { member, event, key, into, joins })
}
