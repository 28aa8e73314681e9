import type { Clock } from '../environment/clock.ts'
import type { Logger } from '../environment/logger.ts'
import type { Snapshot, SnapshotStore } from '../snapshot/snapshot-store.ts'
import type { AggregateDefinition, SnapshotPolicy } from './aggregate-definition.ts'
import type { LoadedAggregate } from './aggregate-repository.ts'
import { UnserializablePayloadError } from '../serialization/serialization-errors.ts'
import { isPromiseLike } from './asynchronous.ts'
import type { CommandIds } from './command-ids.ts'

/** An aggregate that may be worth a snapshot. */
export interface SnapshotSubject {
  readonly definition: AggregateDefinition
  readonly loaded: LoadedAggregate<unknown>
  readonly ids: CommandIds | undefined
}

/**
 * Takes snapshots after answers, off the commands' path: a failure is logged and counted and fails no command.
 */
export class Snapshotter {
  readonly #store: SnapshotStore
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #running = new Set<Promise<void>>()
  #failures = 0
  #taken = 0

  constructor(ports: { store: SnapshotStore; clock: Clock; logger: Logger }) {
    this.#store = ports.store
    this.#clock = ports.clock
    this.#logger = ports.logger
  }

  /** How many snapshots could not be taken since the start. */
  get failures(): number {
    return this.#failures
  }

  /** How many snapshots were stored since the start. */
  get taken(): number {
    return this.#taken
  }

  /** Whether an append made a snapshot due, by a number of events or by the policy's own word. */
  isDueAfterAppend(
    definition: AggregateDefinition,
    before: LoadedAggregate<unknown>,
    after: LoadedAggregate<unknown>,
  ): boolean {
    const { snapshot } = definition
    const { revision } = after
    if (!snapshot || revision === undefined) return false
    if (
      snapshot.every !== undefined &&
      hasCrossed(BigInt(snapshot.every), before.revision, revision)
    )
      return true
    return snapshot.when !== undefined && this.#isWanted(snapshot, after, revision)
  }

  /** Whether an aggregate took so long to load that the next one should be faster. */
  isDueAfterLoad(
    { snapshot }: AggregateDefinition,
    loaded: LoadedAggregate<unknown>,
    ms: number,
  ): boolean {
    if (snapshot?.afterLoadMs === undefined || loaded.revision === undefined) return false
    return ms > snapshot.afterLoadMs && loaded.revision !== loaded.snapshotRevision
  }

  /**
   * Takes a snapshot once whoever waits for an answer has it.
   *
   * @returns When the state is written down and may change again.
   */
  take(subject: SnapshotSubject): Promise<void> {
    const captured = new Promise<void>((answered) => setImmediate(answered)).then(() => {
      this.#track(this.#save(subject))
    })
    this.#track(captured)
    return captured
  }

  /** Takes a snapshot of the state as it is now. */
  takeNow(subject: SnapshotSubject): void {
    this.#track(this.#save(subject))
  }

  /** Waits for the snapshots under way. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #isWanted(
    snapshot: SnapshotPolicy<unknown>,
    { state, stream, snapshotRevision }: LoadedAggregate<unknown>,
    revision: bigint,
  ): boolean {
    try {
      const eventsSince = Number(revision - (snapshotRevision ?? -1n))
      return snapshot.when?.(state, { revision, eventsSince }) === true
    } catch (error) {
      this.#report(stream, error)
      return false
    }
  }

  /**
   * Writes a state down as a snapshot; undefined where there are no events in it.
   *
   * @throws {UnserializablePayloadError} The state cannot be written.
   */
  static capture(
    policy: SnapshotPolicy<unknown>,
    { stream, revision, state }: LoadedAggregate<unknown>,
    { ids, clock }: { readonly ids: CommandIds | undefined; readonly clock: Clock },
  ): Snapshot | undefined {
    if (revision === undefined) return undefined
    const commandIds = ids?.toText()
    const written = policy.capture(state)
    // Writers without types may be asynchronous; a promise is written as an empty object.
    if (isPromiseLike(written))
      throw new UnserializablePayloadError(
        `A snapshot of "${stream}"`,
        '',
        'a promise',
        'Write the state at once in toSnapshot().',
      )
    return {
      stream,
      revision,
      version: policy.version,
      state: written,
      takenAt: clock.now(),
      ...(commandIds !== undefined && { commandIds }),
    }
  }

  /** Captures at once, and fails never. */
  async #save({ definition, loaded, ids }: SnapshotSubject): Promise<void> {
    const { snapshot: policy } = definition
    try {
      const snapshot = policy && Snapshotter.capture(policy, loaded, { ids, clock: this.#clock })
      if (!snapshot) return
      await this.#store.save(snapshot, policy.keep === undefined ? {} : { keep: policy.keep })
      this.#taken += 1
    } catch (error) {
      this.#report(loaded.stream, error)
    }
  }

  #track(work: Promise<void>): void {
    const done = work.finally(() => this.#running.delete(done))
    this.#running.add(done)
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
