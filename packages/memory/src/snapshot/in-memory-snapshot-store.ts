import type {
  JsonValue,
  LoadSnapshotOptions,
  SaveSnapshotOptions,
  Snapshot,
  SnapshotStore,
  SnapshotSummary,
  StreamName,
} from '@varve/core'

interface StoredSnapshot extends Omit<Snapshot, 'state' | 'takenAt'> {
  /** JSON text, so that every load hands out a state of its own. */
  readonly state: string
  readonly takenAt: number
}

/** The snapshot store in memory: the fast target of tests, and the smallest example of writing one. Keeps all, unless told how many. */
export class InMemorySnapshotStore implements SnapshotStore {
  /** Oldest revision first. */
  readonly #snapshots = new Map<StreamName, StoredSnapshot[]>()

  async load(
    stream: StreamName,
    { atOrBefore }: LoadSnapshotOptions = {},
  ): Promise<Snapshot | undefined> {
    const found = this.#snapshots
      .get(stream)
      ?.findLast(({ revision }) => atOrBefore === undefined || revision <= atOrBefore)
    return (
      found && {
        ...found,
        state: JSON.parse(found.state) as JsonValue,
        takenAt: new Date(found.takenAt),
      }
    )
  }

  async save(snapshot: Snapshot, { keep = Infinity }: SaveSnapshotOptions = {}): Promise<void> {
    const { stream, revision, state, takenAt } = snapshot
    const others = (this.#snapshots.get(stream) ?? []).filter(
      (other) => other.revision !== revision,
    )
    const at = others.findLastIndex((other) => other.revision < revision) + 1
    const stored = { ...snapshot, state: JSON.stringify(state), takenAt: takenAt.getTime() }
    this.#snapshots.set(stream, others.toSpliced(at, 0, stored).slice(-keep))
  }

  async list(stream: StreamName): Promise<readonly SnapshotSummary[]> {
    const newestFirst = this.#snapshots.get(stream)?.toReversed() ?? []
    return newestFirst.map(({ revision, version, takenAt }) => ({
      stream,
      revision,
      version,
      takenAt: new Date(takenAt),
    }))
  }

  async clear(stream: StreamName): Promise<void> {
    this.#snapshots.delete(stream)
  }
}
