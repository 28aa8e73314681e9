import type { EventStore } from '../../event-store/event-store.ts'
import type { SubscriptionBatch } from '../../event-store/event-subscription.ts'
import { VarveError } from '../../varve-error.ts'
import { BatchIntake } from '../follow/batch-intake.ts'
import { RebuildLostError, SubscriptionEndedError } from '../projection-errors.ts'

/** A rebuild was cancelled; what readers see did not change. */
export class RebuildCancelledError extends VarveError {
  readonly code = 'REBUILD_CANCELLED'
  constructor(readonly projection: string) {
    super(
      `The rebuild of projection "${projection}" was cancelled. What readers see did not change.`,
    )
  }
}

/** Options of {@link catchUp}. */
export interface CatchUpOptions {
  readonly projection: string
  readonly eventStore: EventStore
  readonly types: readonly string[]
  /** Position after which to start. Undefined: from the beginning. */
  readonly after: bigint | undefined
  readonly batchSize: number
  readonly signal: AbortSignal | undefined
  /** Takes one batch; false ends the replay. */
  readonly onBatch: (batch: SubscriptionBatch) => Promise<boolean>
}

/**
 * Replays the log from a position to its end as of now.
 *
 * @throws {RebuildCancelledError} The signal was raised.
 * @throws {SubscriptionEndedError} The event store ended it before the end of the log.
 */
export async function catchUp(options: CatchUpOptions): Promise<void> {
  const { after, types, signal } = options
  const subscription = options.eventStore.subscribe({
    types,
    ...(after !== undefined && { after }),
  })
  const intake = new BatchIntake(subscription, options.batchSize)
  // Its failure is met when the intake is closed.
  const stop = (): void => void subscription.stop().catch(() => undefined)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    for (let batch = await intake.next(); batch && !signal?.aborted; batch = await intake.next()) {
      const goesOn = await options.onBatch(batch)
      if (batch.isCaughtUp || !goesOn) return
    }
    if (!signal?.aborted) throw new SubscriptionEndedError(options.projection)
    const reason: unknown = signal.reason
    throw reason instanceof RebuildLostError
      ? reason
      : new RebuildCancelledError(options.projection)
  } finally {
    signal?.removeEventListener('abort', stop)
    await intake.close()
  }
}
