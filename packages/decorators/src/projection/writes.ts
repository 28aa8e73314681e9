import type { Constructor, DocumentKey, EventContext } from '@varve/core'
import { metadataKey, recordMember } from '../metadata/metadata.ts'
import type { ReadModelClass } from '../read-model/read-model.ts'
import type { OnDecorator, OnDecoratorOptions, OnRecord } from './on.ts'

/** A method of a projection that says what an event does to a document in MongoDB's update operators; or nothing. */
export type WritesMethod<Event> = (
  event: Event,
  context: EventContext,
) => Readonly<Record<string, unknown>> | undefined

/** What `@Writes` says of a method beyond the event. */
export interface WritesDecoratorOptions<Event> extends Pick<OnDecoratorOptions<Event>, 'key'> {
  /** Needed where the projection has several read models. */
  readonly into?: ReadModelClass
}

/** Records of {@link Writes}. */
export const writesKey = metadataKey<OnRecord>('writes')

/**
 * Makes a method of a projection say what an event does to a document, without the document being read: for hot
 * documents and large arrays. A read model is built by `@On` or by `@Writes`, and has no history with `@Writes`.
 */
export function Writes<Event extends object>(
  event: Constructor<Event>,
  { into, ...options }: WritesDecoratorOptions<Event> = {},
): OnDecorator<WritesMethod<Event>> {
  const key = options.key as DocumentKey | undefined
  return (target, member) => recordMember(writesKey, target, { member, event, key, into })
}
