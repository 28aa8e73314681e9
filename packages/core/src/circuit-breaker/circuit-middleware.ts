import type { CommandMiddleware } from '../bus/command-envelope.ts'
import type { QueryMiddleware } from '../bus/query-envelope.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'
import type { Query } from '../message/query.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'

/**
 * Puts a circuit breaker around commands whose handlers call something that may fail.
 *
 * What an aggregate refuses is thrown too: say with the breaker's `isFailure` which errors are the other side's.
 *
 * @param commands Classes or definitions. Default: every command.
 */
export function circuitAroundCommands(
  breaker: CircuitBreaker,
  commands?: readonly (Constructor | CommandDefinition)[],
): CommandMiddleware {
  const chosen = commands && new Set<unknown>(commands)
  return (envelope, next) => {
    const { command } = envelope.route
    const isMeant = !chosen || chosen.has(command) || chosen.has(command.class)
    return isMeant ? breaker.run(() => next(envelope)) : next(envelope)
  }
}

/**
 * Puts a circuit breaker around queries whose handlers call something that may fail.
 *
 * @param queries Classes. Default: every query.
 */
export function circuitAroundQueries(
  breaker: CircuitBreaker,
  queries?: readonly Constructor<Query<unknown>>[],
): QueryMiddleware {
  const chosen = queries && new Set<unknown>(queries)
  return (envelope, next) =>
    !chosen || chosen.has(envelope.query.constructor)
      ? breaker.run(() => next(envelope))
      : next(envelope)
}
