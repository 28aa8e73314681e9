import type { StreamName } from '../event-store/stream-name.ts'

/** What a command did. Hand it to a query as `after` to read your own write. */
export interface CommandResult {
  readonly commandId: string
  readonly stream: StreamName
  /** Revision of the aggregate after the command; undefined: it has no events. */
  readonly revision: bigint | undefined
  /** Position of the command's last event; undefined: it emitted none. */
  readonly position: bigint | undefined
  /** The events, oldest first, as instances of their classes. */
  readonly events: readonly object[]
  /**
   * Whether the command had been carried out before, so that this is its first result again. Where another process
   * made the same decision on the same revision, the store takes both for one and neither is told.
   */
  readonly isRepeated: boolean
}

/** What a caller may say of a command. */
export interface ExecuteOptions {
  /**
   * Id of the command: any stable string. Sent again with the same id, a command does nothing and returns
   * its first result. Default: a new one.
   */
  readonly id?: string
  /**
   * What a command must share with the first one under its id to be the same: its type and its payload, or only
   * its type. Default `'same-payload'`: anything else is refused with {@link CommandIdReusedError}.
   */
  readonly repeats?: 'same-payload' | 'any-payload'
  /** Default: the command's id. */
  readonly correlationId?: string
  /** Id of the message that caused the command. Default: the command's id. */
  readonly causationId?: string
  /** Who wants it. */
  readonly actor?: string
  readonly tenant?: string
  /** W3C trace context. */
  readonly traceparent?: string
}
