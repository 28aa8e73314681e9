import type {
  AggregateDefinition,
  AggregateRepository,
  CommandBus,
  Constructor,
  SnapshotCounts,
  Snapshots,
  SnapshotSummary,
} from '@varve/core'

/** Options of {@link ApplicationSnapshots}. */
export interface SnapshotCallOptions {
  /** Whose aggregate it is, where tenants are kept apart. */
  readonly tenant?: string
}

/** How snapshots find their aggregates. */
export interface SnapshotAccess {
  readonly snapshots: Snapshots
  readonly commands: CommandBus
  readonly repositoryOf: (aggregate: Constructor | AggregateDefinition) => AggregateRepository
  readonly storedId: (
    repository: AggregateRepository,
    id: string,
    tenant: string | undefined,
  ) => string
}

/** The snapshots of a running application's aggregates. */
export class ApplicationSnapshots {
  readonly #access: SnapshotAccess

  constructor(access: SnapshotAccess) {
    this.#access = access
  }

  /** Lists the snapshots of an aggregate, newest revision first. */
  list(
    aggregate: Constructor | AggregateDefinition,
    id: string,
    options: SnapshotCallOptions = {},
  ): Promise<readonly SnapshotSummary[]> {
    const { definition, storedId } = this.#find(aggregate, id, options)
    return this.#access.snapshots.list(definition, storedId)
  }

  /**
   * Folds an aggregate from its events alone, and puts one new snapshot in the place of all it has.
   *
   * @returns What was taken; undefined where the aggregate has no events, or its kind takes no snapshots.
   */
  rebuild(
    aggregate: Constructor | AggregateDefinition,
    id: string,
    options: SnapshotCallOptions = {},
  ): Promise<SnapshotSummary | undefined> {
    const { definition, storedId } = this.#find(aggregate, id, options)
    return this.#access.snapshots.rebuild(definition, storedId)
  }

  /**
   * As `rebuild`, for every aggregate of a kind; reads the whole log to find them.
   *
   * @returns How many snapshots were taken.
   */
  rebuildAll(aggregate: Constructor | AggregateDefinition): Promise<number> {
    return this.#access.snapshots.rebuildAll(this.#access.repositoryOf(aggregate).definition)
  }

  /** What became of snapshots in this process since its start. */
  status(): SnapshotCounts {
    return this.#access.commands.snapshotCounts
  }

  #find(aggregate: Constructor | AggregateDefinition, id: string, { tenant }: SnapshotCallOptions) {
    const repository = this.#access.repositoryOf(aggregate)
    const storedId = this.#access.storedId(repository, id, tenant)
    return { definition: repository.definition, storedId }
  }
}
