import type { AggregateRoot, CommandContext, Constructor } from '@varve/core'
import { type MemberRecord, metadataKey, recordMember } from '../metadata/metadata.ts'

/** A method of an aggregate that decides on a command. What it emits is what is stored. */
export type HandlesMethod<Command> = (
  command: Command,
  context: CommandContext,
) => void | Promise<void>

/** What `@Handles` and `@Applies` say of a method. */
export interface MessageMethodRecord extends MemberRecord {
  readonly message: Constructor
}

/** Records of {@link Handles}. */
export const handlesKey = metadataKey<MessageMethodRecord>('handles')

/** Makes a method of an aggregate the handler of a command. Inherited; an override keeps it. */
export function Handles<Command extends object>(command: Constructor<Command>) {
  return <Method extends HandlesMethod<Command>>(
    target: AggregateRoot,
    member: string,
    _method: TypedPropertyDescriptor<Method>,
  ): void => recordMember(handlesKey, target, { member, message: command })
}
