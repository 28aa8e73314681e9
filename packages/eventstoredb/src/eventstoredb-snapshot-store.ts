import {
  type EventStore,
  isVarveError,
  type Logger,
  type LoadSnapshotOptions,
  type RecordedEvent,
  type SaveSnapshotOptions,
  silentLogger,
  type Snapshot,
  type SnapshotStore,
  type SnapshotSummary,
  type StreamAdministration,
  type StreamName,
  type WrongExpectedRevisionError,
} from '@varve/core'
import {
  decodeSnapshot,
  encodeSnapshot,
  notingNewest,
  type StoredSnapshot,
} from './snapshot/snapshot-event.ts'
import { clearedStream, snapshotStream } from './snapshot/snapshot-stream.ts'
import { settingsStream } from './stream-administration/settings-event.ts'

const defaultKeep = 20
/** Snapshots read at a time: they are large, and the first one is almost always the right one. */
const pageSize = 4
/** Writers of one aggregate's snapshots that may meet. */
const mostTries = 20

/** Options of {@link EventStoreDBSnapshotStore}. */
export interface EventStoreDBSnapshotStoreOptions {
  /**
   * How many snapshots of a stream to keep for time travel, at least 1, where the aggregate does not say. Default 20.
   */
  readonly keep?: number
  /** Hears of events among the snapshots that are none. Default: nobody does. */
  readonly logger?: Logger
}

/**
 * Keeps snapshots as events in a stream of their own beside the aggregate's, which the server cuts to the
 * newest few.
 *
 * A snapshot that is stored after a newer one carries the revision of that one. So any other is the newest of
 * all before it, and a search from the end can stop at the first such one that is old enough.
 */
export class EventStoreDBSnapshotStore implements SnapshotStore {
  readonly #events: EventStore & StreamAdministration
  readonly #keep: number
  readonly #logger: Logger

  /** @param events Where the aggregates' events are. It stays open and is closed by whoever opened it. */
  constructor(
    events: EventStore & StreamAdministration,
    { keep = defaultKeep, logger = silentLogger }: EventStoreDBSnapshotStoreOptions = {},
  ) {
    this.#logger = logger
    this.#events = events
    this.#keep = Math.max(1, Math.trunc(keep))
  }

  async load(
    stream: StreamName,
    { atOrBefore }: LoadSnapshotOptions = {},
  ): Promise<Snapshot | undefined> {
    let best: Snapshot | undefined
    const from = atOrBefore === undefined ? undefined : await this.#startOf(stream, atOrBefore)
    for await (const { snapshot, newest } of this.#newestFirst(stream, from)) {
      if (atOrBefore !== undefined && snapshot.revision > atOrBefore) continue
      if (!best || snapshot.revision > best.revision) best = snapshot
      if (newest === snapshot.revision) return best
    }
    return best
  }

  async save(snapshot: Snapshot, { keep = this.#keep }: SaveSnapshotOptions = {}): Promise<void> {
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
        await this.#events.append(stream, [event], { expected })
        await this.#limit(stream, keep)
        return
      } catch (error) {
        if (!isConflict(error) || left <= 1) throw error
        // Another snapshot came first, or everything before was cleared and only its revisions count.
        hiddenHead = error.actual
      }
    }
  }

  async list(stream: StreamName): Promise<readonly SnapshotSummary[]> {
    const found = new Map<bigint, SnapshotSummary>()
    for await (const { snapshot } of this.#newestFirst(stream)) {
      const { revision, version, takenAt } = snapshot
      if (!found.has(revision)) found.set(revision, { stream, revision, version, takenAt })
    }
    return [...found.values()].sort((a, b) => (a.revision < b.revision ? 1 : -1))
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

  /** Runs with every snapshot, so a crash in between does not matter, nor does a limit that was another one before. */
  async #limit(stream: StreamName, keep: number): Promise<void> {
    const { settings, revision } = await this.#events.readStreamSettings(stream)
    if (settings.maxCount === keep) return
    try {
      await this.#events.setStreamSettings(
        stream,
        { ...settings, maxCount: keep },
        { expected: revision ?? 'none' },
      )
    } catch (error) {
      // Whoever came first has set a limit as well; the next snapshot looks again.
      if (!isVarveError(error) || error.code !== 'STREAM_SETTINGS_CONFLICT') throw error
    }
  }

  /**
   * Finds by halving where to start the search for an old snapshot: a page behind the last one with nothing newer
   * before it, as snapshots that come late are close to those they race with.
   *
   * @returns Undefined: at the end.
   */
  async #startOf(stream: StreamName, atOrBefore: bigint): Promise<bigint | undefined> {
    const name = snapshotStream(stream)
    const page = await firstOf(
      this.#events.readStream(name, { direction: 'backwards', limit: pageSize }),
    )
    const isOld = (event: RecordedEvent | undefined): boolean => {
      const stored = event && decodeSnapshot(event, stream)
      return stored !== undefined && stored.newest <= atOrBefore
    }
    if (page.length < pageSize || page.some(isOld)) return undefined
    let [low, high] = [0n, page.at(-1)?.revision ?? 0n]
    while (low < high) {
      const middle = (low + high) / 2n
      const [event] = await firstOf(this.#events.readStream(name, { from: middle, limit: 1 }))
      if (event && event.revision < high && isOld(event)) low = event.revision + 1n
      else high = middle
    }
    return low - 1n + BigInt(pageSize)
  }

  async *#newestFirst(
    stream: StreamName,
    start?: bigint,
  ): AsyncGenerator<StoredSnapshot, undefined> {
    const name = snapshotStream(stream)
    let from = start
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
        else
          this.#logger.warn(
            'An event among the snapshots of a stream is none of them and was ignored.',
            {
              stream,
              type: event.type,
              revision: event.revision,
            },
          )
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
