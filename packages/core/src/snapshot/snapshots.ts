import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import { AggregateRepository } from '../aggregate/aggregate-repository.ts'
import { CommandIds } from '../aggregate/command-ids.ts'
import { Snapshotter } from '../aggregate/snapshotter.ts'
import type { Clock } from '../environment/clock.ts'
import type { Logger } from '../environment/logger.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { aggregateIdOf, categoryOf } from '../event-store/stream-name.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { SnapshotStore, SnapshotSummary } from './snapshot-store.ts'

/** What snapshots are looked after with. */
export interface SnapshotsPorts {
  readonly eventStore: EventStore
  /** Default: there are no snapshots. */
  readonly snapshotStore?: SnapshotStore
  readonly codec: EventCodec
  readonly clock: Clock
  readonly logger: Logger
}

/** Looks after the snapshots that are there: lists them, and makes them anew from the events alone. */
export class Snapshots {
  readonly #ports: SnapshotsPorts

  constructor(ports: SnapshotsPorts) {
    this.#ports = ports
  }

  /** Lists the snapshots of an aggregate, newest revision first. */
  async list(definition: AggregateDefinition, id: string): Promise<readonly SnapshotSummary[]> {
    const { stream } = this.#repository(definition, id)
    return (await this.#ports.snapshotStore?.list(stream)) ?? []
  }

  /**
   * Folds an aggregate from its events, forgets its snapshots and takes one. A crash in between leaves it without
   * snapshots, which costs time and nothing else.
   *
   * @returns What was taken; undefined where the aggregate has no events, or its kind takes no snapshots.
   * @throws {UnserializablePayloadError} The state cannot be written; the old snapshots are still there.
   */
  async rebuild(definition: AggregateDefinition, id: string): Promise<SnapshotSummary | undefined> {
    const { clock, snapshotStore } = this.#ports
    const { repository, stream } = this.#repository(definition, id)
    const { snapshot: policy } = definition
    if (!policy || !snapshotStore) return undefined
    const ids: string[] = []
    const loaded = await repository.load(id, ({ metadata }) => {
      if (metadata.commandId !== undefined) ids.push(metadata.commandId)
    })
    if (loaded.revision === undefined) return undefined
    const snapshot = Snapshotter.capture(policy, loaded, { ids: new CommandIds(ids), clock })
    if (!snapshot) return undefined
    await snapshotStore.clear(stream)
    await snapshotStore.save(snapshot, policy.keep === undefined ? {} : { keep: policy.keep })
    const { revision, version, takenAt } = snapshot
    return { stream, revision, version, takenAt }
  }

  /**
   * As {@link Snapshots.rebuild}, for every aggregate of a kind: reads the whole log to find them.
   *
   * @returns How many snapshots were taken.
   */
  async rebuildAll(definition: AggregateDefinition): Promise<number> {
    const ids = new Set<string>()
    for await (const batch of this.#ports.eventStore.readAll())
      for (const { stream } of batch)
        if (categoryOf(stream) === definition.category) ids.add(aggregateIdOf(stream))
    let taken = 0
    for (const id of ids) if (await this.rebuild(definition, id)) taken += 1
    return taken
  }

  #repository(definition: AggregateDefinition, id: string) {
    const { eventStore, codec, logger } = this.#ports
    const repository = new AggregateRepository(definition, { eventStore, codec, logger })
    return { repository, stream: repository.streamOf(id) }
  }
}
