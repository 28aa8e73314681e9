import type { AggregateRoot, Constructor } from '@varve/core'
import { metadataKey, recordMember } from '../metadata/metadata.ts'
import type { MessageMethodRecord } from './handles.ts'

/** A method of an aggregate that folds an event into its fields: at once, and without a result. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- void alone would accept a promise nobody awaits
export type AppliesMethod<Event> = (event: Event) => void | undefined

/** Records of {@link Applies}. */
export const appliesKey = metadataKey<MessageMethodRecord>('applies')

/** Makes a method of an aggregate the fold of an event. Inherited; an override keeps it. */
export function Applies<Event extends object>(event: Constructor<Event>) {
  return <Method extends AppliesMethod<Event>>(
    target: AggregateRoot,
    member: string,
    _method: TypedPropertyDescriptor<Method>,
  ): void => recordMember(appliesKey, target, { member, message: event })
}
