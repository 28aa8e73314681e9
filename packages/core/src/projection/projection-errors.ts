import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import { VarveError } from '../varve-error.ts'

/** Names a document of a projection. */
export interface DocumentName {
  readonly model: string
  readonly id: string
}

/** A projection's handler threw. */
export class ProjectionHandlerError extends VarveError {
  readonly code = 'PROJECTION_HANDLER'
  constructor(
    readonly projection: string,
    readonly event: RecordedEvent,
    /** The document it was for; undefined: its key function threw, so nobody knows. */
    readonly document: DocumentName | undefined,
    options: ErrorOptions,
  ) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause)
    super(
      `Projection "${projection}" failed on "${event.type}" at ${event.stream}/${event.revision} (position ${event.position})${document === undefined ? '' : `, document "${document.id}" of "${document.model}"`}: ${reason}`,
      options,
    )
  }
}

/** A projection has as many dead letters as it may have, so it halts instead of dropping one. */
export class DeadLetterLimitError extends VarveError {
  readonly code = 'DEAD_LETTER_LIMIT'
  constructor(
    readonly projection: string,
    readonly limit: number,
  ) {
    super(
      `Projection "${projection}" would have more than ${limit} dead letters. Mend its handlers and retry the letters, discard some, or raise maxDeadLetters.`,
    )
  }
}

/** A projection cannot be run right at the level the server has. */
export class UnsafeProjectionError extends VarveError {
  readonly code = 'UNSAFE_PROJECTION'
  constructor(
    readonly projection: string,
    readonly reason: string,
  ) {
    super(
      `Projection "${projection}" cannot run on a server without transactions: ${reason}. Run the server as a replica set (one node will do).`,
    )
  }
}

/** A handler returned something that is no document. */
export class InvalidDocumentError extends VarveError {
  readonly code = 'INVALID_DOCUMENT'
  constructor(found: string, expected: string) {
    super(`The handler returned ${found}, but ${expected} was expected.`)
  }
}

/** A projection gave up after its retries and waits for somebody to mend it. */
export class ProjectionHaltedError extends VarveError {
  readonly code = 'PROJECTION_HALTED'
  constructor(
    readonly projection: string,
    options: ErrorOptions,
  ) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause)
    super(
      `Projection "${projection}" is halted: ${reason} Mend the handler and start again; nothing was skipped.`,
      options,
    )
  }
}

/** The event store ended a subscription that nobody stopped. It is opened again from the last checkpoint. */
export class SubscriptionEndedError extends VarveError {
  readonly code = 'SUBSCRIPTION_ENDED'
  constructor(readonly projection: string) {
    super(
      `The subscription of projection "${projection}" ended by itself. Nothing is lost: it goes on from the last checkpoint.`,
    )
  }
}

/** A projection did not reach a position in time. The write itself is safe. */
export class ProjectionLagError extends VarveError {
  readonly code = 'PROJECTION_LAG'
  constructor(
    readonly projection: string,
    readonly wanted: bigint,
    readonly reached: bigint | undefined,
    readonly timeoutMs: number,
  ) {
    super(
      `Projection "${projection}" did not reach position ${wanted} within ${timeoutMs} ms; it is at ${reached ?? 'none'}. Query without "after" for what is there, or wait longer.`,
    )
  }
}

/** A projection name is not among the definitions. */
export class UnknownProjectionError extends VarveError {
  readonly code = 'UNKNOWN_PROJECTION'
  constructor(
    readonly found: string,
    readonly known: readonly string[],
  ) {
    super(
      `There is no projection "${found}"; known: ${known.length === 0 ? 'none' : known.join(', ')}.`,
    )
  }
}

/** A rebuild was asked for with options nobody can follow. Nothing was changed. */
export class InvalidRebuildOptionsError extends VarveError {
  readonly code = 'INVALID_REBUILD_OPTIONS'
  /** @param problems All that is wrong. */
  constructor(
    readonly projection: string,
    readonly problems: readonly string[],
  ) {
    super(`Projection "${projection}" cannot be rebuilt that way: ${problems.join('; ')}.`)
  }
}

/** A projection is rebuilt already, here or in another process. */
export class RebuildRunningError extends VarveError {
  readonly code = 'REBUILD_RUNNING'
  constructor(readonly projection: string) {
    super(`Projection "${projection}" is being rebuilt already. Wait for that rebuild to end.`)
  }
}

/** Another process goes on with a rebuild: this one was away for too long. */
export class RebuildLostError extends VarveError {
  readonly code = 'REBUILD_LOST'
  constructor(
    readonly projection: string,
    readonly generation?: number,
  ) {
    super(
      `The rebuild of projection "${projection}"${generation === undefined ? '' : ` into generation ${generation}`} was taken over or ended by another process, as this one did not answer in time. Ask for it again to wait for its end.`,
    )
  }
}

/** The read models of a projection were built by other code, and this process must not bring its own back. */
export class OutdatedProjectionError extends VarveError {
  readonly code = 'OUTDATED_PROJECTION'
  constructor(
    readonly projection: string,
    readonly version: number,
    readonly activeVersion: number,
  ) {
    super(
      version < activeVersion
        ? `This process has version ${version} of projection "${projection}", but readers are on version ${activeVersion}. It leaves the read models to processes with that version. Deploy it here, too, or roll back to version ${version}.`
        : `This process has version ${version} of projection "${projection}", but readers were taken away from this code, by a rollback or by a rebuild with another shape. Raise the version, or call rebuild to go there all the same.`,
    )
  }
}

/** Single documents cannot be repaired, as they cannot be folded without the others or their past. */
export class RepairRefusedError extends VarveError {
  readonly code = 'REPAIR_REFUSED'
  constructor(
    readonly projection: string,
    readonly reason: string,
  ) {
    super(
      `Single documents of projection "${projection}" cannot be repaired, because ${reason}. Rebuild all of it, without keys.`,
    )
  }
}

/** A projection cannot be rebuilt from snapshots. Nothing was changed. */
export class SnapshotRebuildRefusedError extends VarveError {
  readonly code = 'SNAPSHOT_REBUILD_REFUSED'
  constructor(
    readonly projection: string,
    readonly reason: string,
  ) {
    super(
      `Projection "${projection}" cannot be rebuilt from snapshots, because ${reason}. Rebuild it from events, without "from".`,
    )
  }
}

/** The document of an aggregate could not be made from its snapshot. What readers see did not change. */
export class SnapshotDocumentError extends VarveError {
  readonly code = 'SNAPSHOT_DOCUMENT'
  constructor(
    readonly projection: string,
    readonly stream: StreamName,
    readonly revision: bigint,
    options: ErrorOptions,
  ) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause)
    super(
      `Projection "${projection}" could not make a document from the snapshot of "${stream}" at revision ${revision}: ${reason} Correct what makes it, or rebuild from events.`,
      options,
    )
  }
}

/** There is nothing to roll back to. */
export class NothingToRollBackError extends VarveError {
  readonly code = 'NOTHING_TO_ROLL_BACK'
  constructor(
    readonly projection: string,
    reason: string,
  ) {
    super(`Projection "${projection}" cannot be rolled back: ${reason}.`)
  }
}

/** The server cannot give what the application requires. */
export class ConsistencyLevelError extends VarveError {
  readonly code = 'CONSISTENCY_LEVEL'
  constructor(
    readonly required: string,
    readonly found: string,
  ) {
    super(
      `The application requires read models at level "${required}", but the server can only give "${found}". Run it as a replica set (one node will do), or leave "require" out.`,
    )
  }
}
