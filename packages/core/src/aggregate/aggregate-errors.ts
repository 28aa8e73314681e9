import type { StreamName } from '../event-store/stream-name.ts'
import { VarveError } from '../varve-error.ts'

/** An aggregate has no events. */
export class AggregateNotFoundError extends VarveError {
  readonly code = 'AGGREGATE_NOT_FOUND'
  constructor(
    readonly category: string,
    readonly id: string,
    readonly when?: string,
  ) {
    super(
      `There is no ${category} "${id}"${when === undefined ? '' : ` at ${when}`}: its stream has no events${when === undefined ? '' : ' up to then'}.`,
    )
  }
}

/** Other writers were faster in every try. Nothing was stored. */
export class ConcurrencyError extends VarveError {
  readonly code = 'CONCURRENCY'
  constructor(
    readonly stream: StreamName,
    readonly commandType: string,
    readonly tries: number,
    /** Revision the last decision was made on; undefined: on an empty stream. */
    readonly expected: bigint | undefined,
    /** Revision the stream was at instead, where known. */
    readonly actual: bigint | undefined,
    options?: ErrorOptions,
  ) {
    super(
      `"${commandType}" on stream "${stream}" lost against other writers in ${tries} tries: decided at revision ${expected ?? 'none'}, found ${actual ?? 'none'}. Nothing was stored; send it again, or spread the writes over more aggregates.`,
      options,
    )
  }
}

/** An aggregate was used without the framework having loaded it. */
export class UnattachedAggregateError extends VarveError {
  readonly code = 'UNATTACHED_AGGREGATE'
  constructor(readonly aggregate: string) {
    super(
      `${aggregate} has no identity and cannot emit: it was made with new. Load it through the application, or test it with the given/when/then kit.`,
    )
  }
}

/** An aggregate emitted events while no command was decided on it: nobody would have stored them. */
export class EmitOutsideDecisionError extends VarveError {
  readonly code = 'EMIT_OUTSIDE_DECISION'
  constructor(
    readonly aggregate: string,
    readonly id: string,
  ) {
    super(
      `${aggregate} "${id}" emitted an event while no command was decided on it, so nothing would have stored it. Either it was loaded to be read, from the handler of another aggregate perhaps: one command changes one aggregate, and an event handler sends the command for the next one. Or its own handler had already returned: await everything in it.`,
    )
  }
}

/** A command's handler sent a command: one command changes one aggregate. Nothing of the inner command was done. */
export class SeveralAggregatesError extends VarveError {
  readonly code = 'SEVERAL_AGGREGATES'
  constructor(
    readonly commandType: string,
    readonly stream: string,
    readonly innerCommandType: string,
  ) {
    super(
      `The handler of "${commandType}" on stream "${stream}" sent the command "${innerCommandType}" while it was deciding. One command changes one aggregate: its stream is what can be written in one step, a decision may be made several times before it is stored, and it may not be stored at all. Emit an event and let an event handler send "${innerCommandType}", or reserve on one aggregate first and confirm or release later.`,
    )
  }
}

/** Too many commands wait for one aggregate, or one has waited too long. Nothing was done; send it again later, or spread the writes. */
export class AggregateBusyError extends VarveError {
  readonly code = 'AGGREGATE_BUSY'
  constructor(
    readonly stream: StreamName,
    readonly waiting: number,
    /** How long it has waited, in milliseconds; undefined: not at all, as too many did already. */
    readonly waitedMs?: number,
  ) {
    super(
      waitedMs === undefined
        ? `${waiting} commands already wait for stream "${stream}" in this process, which is the most. Send it again later, or spread the writes over more aggregates.`
        : `A command has waited ${waitedMs} ms for the one before it on stream "${stream}", with ${waiting} in line. Either handlers of that aggregate are too slow for so many commands, or one awaits something that never comes, such as a command to its own aggregate: give what it awaits a time limit.`,
    )
  }
}
