import { VarveError } from '../varve-error.ts'

/** A circuit is open: the call was not made, because too many before it failed. */
export class CircuitOpenError extends VarveError {
  readonly code = 'CIRCUIT_OPEN'
  /** @param options.cause The failure that opened it. */
  constructor(
    readonly circuit: string,
    /** Since when no call gets through. */
    readonly since: Date,
    /** When a call is let through again, to see whether it succeeds. */
    readonly until: Date,
    options: ErrorOptions,
  ) {
    const { cause } = options
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `Circuit "${circuit}" is open since ${since.toISOString()} and lets the next call through at ${until.toISOString()}. Wait until then; the last failure was: ${reason}`,
      options,
    )
  }
}
