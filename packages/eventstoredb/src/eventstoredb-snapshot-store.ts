import {
  type EventStore,
  isVarveError,
  type LoadSnapshotOptions,
  type RecordedEvent,
  type Snapshot,
  type SnapshotStore,
  type StreamName,
  type WrongExpectedRevisionError,
} from '@varve/core'
import {
  decodeSnapshot,
  encodeSnapshot,
  notingNewest,
  type StoredSnapshot,
} from './snapshot/snapshot-event.ts'
import { clearedStream, limitedStream, snapshotStream } from './snapshot/snapshot-stream.ts'
import { settingsStream } from './stream-administration/settings-event.ts'

const defaultKeep = 20
/** Snapshots read at a time: they are large, and the first one is almost always the right one. */
const pageSize = 4
/** Writers of one aggregate's snapshots that may meet. */
const mostTries = 20

/** Options of {@link EventStoreDBSnapshotStore}. */
export interface EventStoreDBSnapshotStoreOptions {
  /**
   * How many snapshots of a stream to keep for time travel, at least 1. Default 20. Applies to streams whose first
   * snapshot is taken from then on.
   */
  readonly keep?: number
}

/**
 * Keeps snapshots as events in a stream of their own beside the aggregate's, which the server cuts to the
 * newest few.
 *
 * A snapshot that is stored after a newer one carries the revision of that one. So any other is the newest of
 * all before it, and a search from the end can stop at the first such one that is old enough.
 */
export class EventStoreDBSnapshotStore implements SnapshotStore {
  readonly #events: EventStore
  readonly #keep: number

  /** @param events Where the aggregates' events are. It stays open and is closed by whoever opened it. */
  constructor(events: EventStore, { keep = defaultKeep }: EventStoreDBSnapshotStoreOptions = {}) {
    this.#events = events
    this.#keep = Math.max(1, Math.trunc(keep))
  }

  async load(
    stream: StreamName,
    { atOrBefore }: LoadSnapshotOptions = {},
  ): Promise<Snapshot | undefined> {
    let best: Snapshot | undefined
    for await (const { snapshot, newest } of this.#newestFirst(stream)) {
      if (atOrBefore !== undefined && snapshot.revision > atOrBefore) continue
      if (!best || snapshot.revision > best.revision) best = snapshot
      if (newest === snapshot.revision) return best
    }
    return best
  }

  async save(snapshot: Snapshot): Promise<void> {
    const stream = snapshotStream(snapshot.stream)
    const encoded = encodeSnapshot(snapshot)
    let hiddenHead: bigint | undefined
    for (let left = mostTries; ; left -= 1) {
      const [page] = await firstOf(
        this.#events.readStream(stream, { direction: 'backwards', limit: 1 }),
      )
      const newest = page && decodeSnapshot(page, snapshot.stream)?.newest
      if (page?.id === encoded.id) return
      const event = notingNewest(encoded, snapshot.revision, newest)
      const expected = page?.revision ?? hiddenHead ?? 'no-stream'
      try {
        const { revision } = await this.#events.append(stream, [event], { expected })
        if (revision % BigInt(this.#keep) === 0n) await this.#limit(stream)
        return
      } catch (error) {
        if (!isConflict(error) || left <= 1) throw error
        // Another snapshot came first, or everything before was cleared and only its revisions count.
        hiddenHead = error.actual
      }
    }
  }

  async clear(stream: StreamName): Promise<void> {
    const name = snapshotStream(stream)
    const [newest] = await firstOf(
      this.#events.readStream(name, { direction: 'backwards', limit: 1 }),
    )
    if (!newest) return
    await this.#events.append(settingsStream(name), [clearedStream(newest.revision, this.#keep)], {
      expected: 'any',
    })
  }

  /** Runs with the first snapshot and again once there may be too many, so a crash in between does not matter. */
  async #limit(stream: StreamName): Promise<void> {
    try {
      await this.#events.append(settingsStream(stream), [limitedStream(this.#keep)], {
        expected: 'no-stream',
      })
    } catch (error) {
      if (!isConflict(error)) throw error
    }
  }

  async *#newestFirst(stream: StreamName): AsyncGenerator<StoredSnapshot, undefined> {
    const name = snapshotStream(stream)
    let from: bigint | undefined
    for (;;) {
      const page = await firstOf(
        this.#events.readStream(name, {
          direction: 'backwards',
          limit: pageSize,
          ...(from !== undefined && { from }),
        }),
      )
      for (const event of page) {
        const stored = decodeSnapshot(event, stream)
        if (stored) yield stored
      }
      const oldest = page.at(-1)
      if (!oldest || page.length < pageSize || oldest.revision === 0n) return
      from = oldest.revision - 1n
    }
  }
}

function isConflict(error: unknown): error is WrongExpectedRevisionError {
  return isVarveError(error) && error.code === 'WRONG_EXPECTED_REVISION'
}

async function firstOf(
  batches: AsyncIterable<readonly RecordedEvent[]>,
): Promise<readonly RecordedEvent[]> {
  for await (const batch of batches) return batch
  return []
}
