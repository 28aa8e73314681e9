import type { AggregateRoot, CommandContext, Constructor, HandlesOptions } from '@varve/core'
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

/** What `@Handles` says of a method. */
export interface HandlesRecord extends MessageMethodRecord {
  readonly options?: HandlesOptions
}

/** Records of {@link Handles}. */
export const handlesKey = metadataKey<HandlesRecord>('handles')

/** Makes a method of an aggregate the handler of a command. Inherited; an override keeps it. */
export function Handles<Command extends object, State extends AggregateRoot = never>(
  command: Constructor<Command>,
  options?: HandlesOptions<Command, State>,
) {
  return <Method extends HandlesMethod<Command>>(
    target: AggregateRoot,
    member: string,
    _method: TypedPropertyDescriptor<Method>,
  ): void =>
    recordMember(handlesKey, target, {
      member,
      message: command,
      ...(options && { options }),
    })
}
