import type { Clock } from '../environment/clock.ts'
import type { Logger } from '../environment/logger.ts'
import type { Snapshot, SnapshotStore } from '../snapshot/snapshot-store.ts'
import type { AggregateDefinition } from './aggregate-definition.ts'
import type { LoadedAggregate } from './aggregate-repository.ts'

/**
 * Takes snapshots after appends, off their path: a failure is logged and counted and fails no command.
 */
export class Snapshotter {
  readonly #store: SnapshotStore
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #running = new Set<Promise<void>>()
  #failures = 0

  constructor(ports: { store: SnapshotStore; clock: Clock; logger: Logger }) {
    this.#store = ports.store
    this.#clock = ports.clock
    this.#logger = ports.logger
  }

  /** How many snapshots could not be taken since the start. */
  get failures(): number {
    return this.#failures
  }

  /**
   * Takes a snapshot if the append crossed a multiple of the policy's `every`.
   *
   * @param revision Revision of the last event appended.
   */
  afterAppend<State>(
    definition: AggregateDefinition<State>,
    before: LoadedAggregate<State>,
    after: { readonly state: State; readonly revision: bigint },
  ): void {
    const policy = definition.snapshot
    if (!policy || !hasCrossed(BigInt(policy.every), before.revision, after.revision)) return
    try {
      const snapshot: Snapshot = {
        stream: before.stream,
        revision: after.revision,
        version: policy.version,
        state: policy.capture(after.state),
        takenAt: this.#clock.now(),
      }
      const saving = this.#store
        .save(snapshot)
        .catch((error: unknown) => this.#report(before.stream, error))
        .finally(() => this.#running.delete(saving))
      this.#running.add(saving)
    } catch (error) {
      this.#report(before.stream, error)
    }
  }

  /** Waits for the snapshots under way. */
  async drain(): Promise<void> {
    await Promise.all(this.#running)
  }

  #report(stream: string, error: unknown): void {
    this.#failures += 1
    this.#logger.warn('A snapshot could not be taken; loading replays more events instead.', {
      stream,
      error,
    })
  }
}

function hasCrossed(every: bigint, before: bigint | undefined, after: bigint): boolean {
  const countBefore = before === undefined ? 0n : before + 1n
  return (after + 1n) / every > countBefore / every
}
