import { pause } from '../../bus/pause.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import type { SubscriptionBatch } from '../../event-store/event-subscription.ts'
import { BatchIntake } from './batch-intake.ts'
import type { EventWriter } from '../write/event-writer.ts'
import { SubscriptionEndedError } from '../projection-errors.ts'

const idleCheckpointMs = 1_000
const longestRestMs = 50

/** What {@link followLog} needs. */
export interface FollowOptions {
  readonly projection: string
  readonly eventStore: EventStore
  /** Types of the events to follow. */
  readonly types: readonly string[]
  /** At least one. */
  readonly writers: readonly EventWriter[]
  readonly batchSize: number
  readonly signal: AbortSignal
  /** Gets what ends a wait for events at once. */
  readonly onOpen: (wake: () => void) => void
  /** Hears of each batch that is written. */
  readonly onBatch: (batch: SubscriptionBatch) => void
  /** Runs between batches, when nothing is under way. True ends the following. */
  readonly between: () => Promise<boolean>
}

/**
 * Follows the log from where the writers are and hands them all that comes, until the signal is raised or
 * `between` says so.
 *
 * @throws {SubscriptionEndedError} The event store ended the subscription.
 */
export async function followLog(options: FollowOptions): Promise<void> {
  const { eventStore, types, signal, batchSize } = options
  const after = lowestPosition(options.writers)
  const subscription = eventStore.subscribe({ types, ...(after !== undefined && { after }) })
  const intake = new BatchIntake(subscription, batchSize)
  // Its failure is met when the intake is closed.
  const stop = (): void => void subscription.stop().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  options.onOpen(() => intake.wake())
  try {
    await new Following(options, intake).run()
  } finally {
    signal.removeEventListener('abort', stop)
    await intake.close()
  }
}

/** Everything up to here is in all segments; undefined where one of them has nothing yet. */
export function lowestPosition(writers: readonly EventWriter[]): bigint | undefined {
  let lowest: bigint | undefined
  for (const { segment } of writers) {
    if (segment.position === undefined) return undefined
    if (lowest === undefined || segment.position < lowest) lowest = segment.position
  }
  return lowest
}

class Following {
  readonly #options: FollowOptions
  readonly #intake: BatchIntake
  #savedAt = -Infinity
  /** Where the log was read to beyond what is stored. */
  #unsaved: bigint | undefined

  constructor(options: FollowOptions, intake: BatchIntake) {
    this.#options = options
    this.#intake = intake
  }

  async run(): Promise<void> {
    const { signal, projection } = this.#options
    while (!signal.aborted) {
      if (!(await this.#doWhatIsDue())) return
      const batch = await this.#intake.next(this.#waitMs())
      if (batch === undefined) break
      if (batch !== 'idle' && !(await this.#take(batch))) return
    }
    if (!signal.aborted) throw new SubscriptionEndedError(projection)
  }

  /** Between batches. False ends the following. */
  async #doWhatIsDue(): Promise<boolean> {
    const { writers, between } = this.#options
    for (const writer of writers)
      if (writer.choreAt !== undefined && writer.choreAt <= Date.now()) await writer.doChores()
    return (await this.#saveIfDue()) && !(await between())
  }

  async #take(batch: SubscriptionBatch): Promise<boolean> {
    const startedAt = performance.now()
    const { events, position, isCaughtUp } = batch
    if (position !== undefined) {
      this.#unsaved = position
      if (events.length > 0 && !(await this.#write(batch))) return false
    }
    this.#options.onBatch(batch)
    // Rests as long as the commit took: under load batches grow instead of commits, and a lone event never waits.
    if (isCaughtUp && events.length > 1)
      await pause(Math.min(longestRestMs, performance.now() - startedAt), this.#options.signal)
    return true
  }

  /** Without events, the position moves on once in a while: often enough for those who wait in other processes. */
  async #saveIfDue(): Promise<boolean> {
    if (this.#unsaved === undefined || performance.now() < this.#savedAt + idleCheckpointMs)
      return true
    return this.#write({ events: [], position: this.#unsaved, isCaughtUp: false })
  }

  async #write({ events, position }: SubscriptionBatch): Promise<boolean> {
    const { writers, signal } = this.#options
    const outcomes = await Promise.allSettled(
      writers.map((writer) => writer.write(events, position as bigint, signal)),
    )
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    this.#savedAt = performance.now()
    this.#unsaved = undefined
    return outcomes.every((outcome) => outcome.status === 'fulfilled' && outcome.value)
  }

  #waitMs(): number {
    const chores = this.#options.writers.map(({ choreAt }) => (choreAt ?? Infinity) - Date.now())
    const save =
      this.#unsaved === undefined ? Infinity : this.#savedAt + idleCheckpointMs - performance.now()
    return Math.max(0, Math.min(save, ...chores))
  }
}
