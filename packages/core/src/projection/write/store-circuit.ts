import { CircuitBreaker } from '../../circuit-breaker/circuit-breaker.ts'
import type { Clock } from '../../environment/clock.ts'
import type { Logger } from '../../environment/logger.ts'
import { ReadModelStoreUnavailableError } from '../../read-model/read-model-errors.ts'

/**
 * Makes the circuit breaker that all projections of an application have around their store: while it does not answer,
 * one of them tries now and then instead of all of them all the time.
 */
export function storeCircuit(clock: Clock, logger: Logger): CircuitBreaker {
  return new CircuitBreaker({
    name: 'read models',
    clock,
    failures: 5,
    windowMs: 10_000,
    openMs: 500,
    maxOpenMs: 5_000,
    isFailure: (error) => error instanceof ReadModelStoreUnavailableError,
    onStateChange: ({ from, to, cause }) =>
      logger.warn(`The circuit to the read models went from ${from} to ${to}.`, { error: cause }),
  })
}
