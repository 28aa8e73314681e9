import type {
  JsonValue,
  LoadSnapshotOptions,
  Snapshot,
  SnapshotStore,
  StreamName,
} from '@varve/core'

interface StoredSnapshot extends Omit<Snapshot, 'state' | 'takenAt'> {
  /** JSON text, so that every load hands out a state of its own. */
  readonly state: string
  readonly takenAt: number
}

/** The snapshot store in memory: the fast target of tests, and the smallest example of writing one. Keeps all. */
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

  async save(snapshot: Snapshot): Promise<void> {
    const { stream, revision, version, state, takenAt } = snapshot
    const others = (this.#snapshots.get(stream) ?? []).filter(
      (other) => other.revision !== revision,
    )
    const at = others.findLastIndex((other) => other.revision < revision) + 1
    const stored = {
      stream,
      revision,
      version,
      state: JSON.stringify(state),
      takenAt: takenAt.getTime(),
    }
    this.#snapshots.set(stream, others.toSpliced(at, 0, stored))
  }

  async clear(stream: StreamName): Promise<void> {
    this.#snapshots.delete(stream)
  }
}
