import type { EventStore } from '../event-store/event-store.ts'
import { categoryOf, type StreamName } from '../event-store/stream-name.ts'
import type { JsonValue } from '../serialization/json-value.ts'
import type {
  LoadSnapshotOptions,
  SaveSnapshotOptions,
  Snapshot,
  SnapshotStore,
  SnapshotSummary,
} from '../snapshot/snapshot-store.ts'
import { subjectsIn } from './sealed-places.ts'
import { jointKey, seal, unseal } from './seal.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** What a {@link PrivateSnapshotStore} needs. */
export interface PrivateSnapshotOptions {
  /** The log as it is stored: what it says beside events is enough. */
  readonly eventStore: EventStore
  readonly keys: SubjectKeys
  /** Categories of the aggregates whose events hold personal data. */
  readonly categories: ReadonlySet<string>
}

interface SealedState {
  readonly $sealed: string
  readonly subjects: readonly string[]
}

/**
 * Seals the snapshots of aggregates with personal data by the keys of everybody whose data may be in the state, all
 * together: without one of the keys the snapshot is as good as absent, and the events are replayed.
 *
 * Once one of an aggregate's subjects is forgotten, it takes no more snapshots: its state may be from before.
 */
export class PrivateSnapshotStore implements SnapshotStore {
  readonly #store: SnapshotStore
  readonly #options: PrivateSnapshotOptions

  constructor(store: SnapshotStore, options: PrivateSnapshotOptions) {
    this.#store = store
    this.#options = options
  }

  async load(stream: StreamName, options?: LoadSnapshotOptions): Promise<Snapshot | undefined> {
    const snapshot = await this.#store.load(stream, options)
    if (!snapshot || !this.#isPrivate(stream)) return snapshot
    // One from before the data was declared personal is in the clear, and of no use any more.
    if (!isSealed(snapshot.state)) return undefined
    const { $sealed, subjects } = snapshot.state
    const keys = await this.#keysOf(subjects)
    const text = keys && unseal(jointKey(keys), $sealed, aboutOf(snapshot))
    return text === undefined ? undefined : { ...snapshot, state: JSON.parse(text) as JsonValue }
  }

  async save(snapshot: Snapshot, options?: SaveSnapshotOptions): Promise<void> {
    const { stream, state } = snapshot
    if (!this.#isPrivate(stream)) return this.#store.save(snapshot, options)
    const subjects = await this.#subjectsUpTo(snapshot)
    const keys = await this.#keysOf(subjects)
    if (!keys) return
    const $sealed = seal(jointKey(keys), JSON.stringify(state), aboutOf(snapshot))
    await this.#store.save({ ...snapshot, state: { $sealed, subjects } }, options)
  }

  list(stream: StreamName): Promise<readonly SnapshotSummary[]> {
    return this.#store.list(stream)
  }

  clear(stream: StreamName): Promise<void> {
    return this.#store.clear(stream)
  }

  #isPrivate(stream: StreamName): boolean {
    return this.#options.categories.has(categoryOf(stream))
  }

  /** Everybody whose data is in the events up to a revision: those of the snapshot before, and of what came since. */
  async #subjectsUpTo({ stream, revision }: Snapshot): Promise<readonly string[]> {
    const before =
      revision > 0n ? await this.#store.load(stream, { atOrBefore: revision - 1n }) : undefined
    const known = before && isSealed(before.state) ? before : undefined
    const subjects = new Set(known ? (known.state as unknown as SealedState).subjects : [])
    const from = known ? known.revision + 1n : 0n
    const reading = this.#options.eventStore.readStream(stream, { from })
    for await (const batch of reading)
      for (const event of batch) {
        if (event.revision > revision) return [...subjects].sort()
        for (const subject of subjectsIn(event)) subjects.add(subject)
      }
    return [...subjects].sort()
  }

  /** Undefined: one of them is forgotten. */
  async #keysOf(subjects: readonly string[]): Promise<readonly Uint8Array[] | undefined> {
    const found = await this.#options.keys.find(subjects)
    const keys = subjects.map((subject) => found.get(subject))
    return keys.every((key) => key !== undefined && key !== 'forgotten') ? keys : undefined
  }
}

function aboutOf({ stream, revision, version }: Snapshot): string {
  return `${stream}@${revision}#${version}`
}

function isSealed(state: unknown): state is JsonValue & SealedState {
  if (typeof state !== 'object' || state === null) return false
  const { $sealed, subjects } = state as Partial<SealedState>
  return typeof $sealed === 'string' && Array.isArray(subjects)
}
