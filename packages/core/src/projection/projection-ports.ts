import type { Clock } from '../environment/clock.ts'
import type { IdGenerator } from '../environment/id-generator.ts'
import type { Logger } from '../environment/logger.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { LeaseStore } from '../lease/lease-store.ts'
import type { HandlerResolver } from '../message/handler-resolver.ts'
import type { ReadModelStore } from '../read-model/read-model-store.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { SnapshotStore } from '../snapshot/snapshot-store.ts'

/** What the read side needs. */
export interface ProjectionPorts {
  readonly eventStore: EventStore
  readonly readModels: ReadModelStore
  readonly leases: LeaseStore
  /** Default: nothing is rebuilt from snapshots. */
  readonly snapshotStore?: SnapshotStore
  readonly codec: EventCodec
  readonly resolver: HandlerResolver
  readonly clock: Clock
  readonly ids: IdGenerator
  readonly logger: Logger
}

/** How projections run. */
export interface ProjectionTuning {
  /** Most events of one commit. Default 500. */
  readonly batchSize?: number
  /** Most events of one commit in a rebuild. Default 2,000. */
  readonly rebuildBatchSize?: number
  /** How many writers fill a new generation side by side. Default 1. */
  readonly rebuildPartitions?: number
  /**
   * How long the generation before a switch is kept, and kept up to date, so that a rollback is instant; in
   * milliseconds, at least 2,000. Default 10 minutes.
   */
  readonly graceMs?: number
  /** How long a process that died keeps others from going on, in milliseconds. Default 5,000. */
  readonly leaseMs?: number
  /** Pauses before a failing event is tried again, in milliseconds. Default 1, 2, 4, 8 and 16 seconds. */
  readonly retryDelaysMs?: readonly number[]
  /** Most dead letters of one projection; one more halts it. Default 10,000. */
  readonly maxDeadLetters?: number
  /**
   * Workers of each projection in this process, each with a share of the documents. Default 1: another one in the
   * same process helps where the read-model store is slow, another process where the handlers are.
   */
  readonly workers?: number
  /** Name of this process as an owner of leases. Default: a new UUID. */
  readonly owner?: string
}

/** Fills in the defaults. */
export function resolveTuning(
  tuning: ProjectionTuning,
  ids: IdGenerator,
): Required<ProjectionTuning> {
  return {
    batchSize: tuning.batchSize ?? 500,
    rebuildBatchSize: tuning.rebuildBatchSize ?? 2_000,
    rebuildPartitions: tuning.rebuildPartitions ?? 1,
    graceMs: tuning.graceMs ?? 600_000,
    leaseMs: tuning.leaseMs ?? 5_000,
    retryDelaysMs: tuning.retryDelaysMs ?? [1_000, 2_000, 4_000, 8_000, 16_000],
    maxDeadLetters: tuning.maxDeadLetters ?? 10_000,
    workers: tuning.workers ?? 1,
    owner: tuning.owner ?? ids.next(),
  }
}
