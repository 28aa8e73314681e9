import type { CommandContext } from '../aggregate/aggregate-definition.ts'
import type { CommandRoute } from '../model/application-model.ts'
import type { CommandResult, ExecuteOptions } from './command-result.ts'

/** A command on its way to its aggregate. */
export interface CommandEnvelope {
  readonly route: CommandRoute
  /** The payload as given, until validation has made it a command. */
  readonly command: unknown
  /** The payload as given. */
  readonly payload: unknown
  readonly context: Omit<CommandContext, 'aggregateId'>
  readonly options: ExecuteOptions
}

/** Carries an envelope on. */
export type CommandStep = (envelope: CommandEnvelope) => Promise<CommandResult>

/**
 * Wraps what happens to every command: calls `next`, or throws. Calling it again tries the command again, and gives the
 * first result where that was stored.
 */
export type CommandMiddleware = (
  envelope: CommandEnvelope,
  next: CommandStep,
) => Promise<CommandResult>

type Step<Envelope, Result> = (envelope: Envelope) => Promise<Result>

/** Puts middleware around a last step; the first one is outermost. */
export function chain<Envelope, Result>(
  middleware: readonly ((envelope: Envelope, next: Step<Envelope, Result>) => Promise<Result>)[],
  last: Step<Envelope, Result>,
): Step<Envelope, Result> {
  return middleware.reduceRight<Step<Envelope, Result>>(
    (next, wrap) => (envelope) => wrap(envelope, next),
    last,
  )
}
