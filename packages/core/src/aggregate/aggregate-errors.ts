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
