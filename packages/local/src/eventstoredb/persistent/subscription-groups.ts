import type { EventLog } from '../log/event-log.ts'
import type { StreamWriter } from '../log/stream-writer.ts'
import { type GroupKey, type GroupSettings, subscriptionId } from './group-settings.ts'
import { groupSource } from './group-source.ts'
import { GroupStore } from './group-store.ts'
import { ParkedMessages } from './parked-messages.ts'
import { groupDoesNotExist, groupExists } from './persistent-errors.ts'
import { type StoredGroup, SubscriptionGroup } from './subscription-group.ts'

/** A group and its parked messages. */
export interface RunningGroup {
  readonly group: SubscriptionGroup
  readonly parked: ParkedMessages
}

/** All persistent subscriptions of the server. */
export class SubscriptionGroups {
  readonly #store: GroupStore
  readonly #running = new Map<string, RunningGroup>()
  readonly #changing = new Set<string>()

  constructor(
    private readonly log: EventLog,
    private readonly writer: StreamWriter,
  ) {
    this.#store = new GroupStore(log)
    this.#startAll()
  }

  /** @throws {GrpcError} There is no such group. */
  get(key: GroupKey): RunningGroup {
    const running = this.#running.get(subscriptionId(key))
    if (!running) throw groupDoesNotExist(key)
    return running
  }

  /** The groups of a source, or all. */
  list(source?: string): readonly RunningGroup[] {
    const all = [...this.#running.values()]
    if (source === undefined) return all
    const found = all.filter(({ group }) => group.stored.key.source === source)
    if (found.length === 0) throw groupDoesNotExist({ source, group: '' })
    return found
  }

  /** Creates a group; resolves once it is on disk. */
  async create(key: GroupKey, settings: GroupSettings): Promise<void> {
    const id = subscriptionId(key)
    if (this.#running.has(id) || this.#changing.has(id)) throw groupExists(key)
    const source = groupSource(this.log, key.source, settings)
    const stored = { key, settings, checkpoint: source.cursorBefore(settings.startFrom) }
    await this.#changed(id, () => this.#store.put(stored))
    this.#start(stored)
  }

  /** Changes a group. It goes on from its checkpoint, with its consumers dropped. */
  async update(key: GroupKey, settings: GroupSettings): Promise<void> {
    const { group } = this.get(key)
    const source = groupSource(this.log, key.source, settings)
    const isUntouched = group.checkpoint === group.stored.checkpoint && group.totalItems === 0
    const checkpoint = isUntouched ? source.cursorBefore(settings.startFrom) : group.checkpoint
    const stored = { key, settings, checkpoint }
    await this.#changed(subscriptionId(key), () => this.#store.put(stored))
    this.get(key).group.close()
    this.#start(stored)
  }

  /** Deletes a group with its parked messages. */
  async delete(key: GroupKey): Promise<void> {
    const { group, parked } = this.get(key)
    group.close()
    this.#running.delete(subscriptionId(key))
    await this.#changed(subscriptionId(key), async () => {
      await Promise.all([this.#store.delete(key), parked.clear()])
    })
  }

  /** Drops all consumers and goes on from the checkpoints. */
  restart(): void {
    this.close()
    this.#startAll()
  }

  /** Stops all groups. */
  close(): void {
    for (const { group } of this.#running.values()) group.close()
    this.#running.clear()
  }

  async #changed(id: string, change: () => Promise<void>): Promise<void> {
    this.#changing.add(id)
    try {
      await change()
    } finally {
      this.#changing.delete(id)
    }
  }

  #startAll(): void {
    for (const stored of this.#store.load()) this.#start(stored)
  }

  #start(stored: StoredGroup): void {
    const parked = new ParkedMessages(this.log, this.writer, stored.key)
    const group = new SubscriptionGroup(stored, {
      log: this.log,
      parked,
      saveCheckpoint: (key, cursor) => this.#store.saveCheckpoint(key, cursor),
      failed: () => {
        group.close()
      },
    })
    this.#running.set(subscriptionId(stored.key), { group, parked })
  }
}
