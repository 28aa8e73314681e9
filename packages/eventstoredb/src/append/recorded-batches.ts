import type { AppendResult, RecordedEvent, StreamName } from '@varve/core'
import type { EventReader } from '../read/event-reader.ts'
import { isPlausiblePosition } from '../read/log-position.ts'

/** How many events of other writers may lie over a batch whose fate is unknown. */
const tailLength = 1000
/** Tolerated difference between the clocks of this machine and the server. */
const clockSkewMs = 300_000
/** How far back in the log an event is looked for that was just written. */
const logTailLength = 10_000

/** Finds out whether, and where, events were recorded. */
export class RecordedBatches {
  readonly #reader: EventReader

  constructor(reader: EventReader) {
    this.#reader = reader
  }

  /** Looks for a batch at the place its expected revision gave it. */
  async findAt(
    stream: StreamName,
    ids: readonly string[],
    expected: 'no-stream' | bigint,
  ): Promise<AppendResult | undefined> {
    // A stream that was soft-deleted does not begin with revision 0.
    const from = expected === 'no-stream' ? {} : { from: expected + 1n }
    const events = await this.#reader.collect(stream, { ...from, limit: ids.length })
    return this.#match(events, ids)
  }

  /**
   * Looks for a batch among the last events of a stream.
   *
   * @param since When the batch was first sent; by the clock of this machine, not the server's.
   */
  async findInTail(
    stream: StreamName,
    ids: readonly string[],
    since: Date,
  ): Promise<AppendResult | undefined> {
    const newestFirst: RecordedEvent[] = []
    const limit = tailLength + ids.length
    for await (const batch of this.#reader.readStream(stream, { direction: 'backwards', limit })) {
      newestFirst.push(...batch)
      const last = newestFirst.findLastIndex(({ id }) => id === ids[0])
      if (last >= 0) return this.#match(newestFirst.slice(0, last + 1).toReversed(), ids)
      const oldest = batch.at(-1)
      if (oldest && oldest.recordedAt.getTime() < since.getTime() - clockSkewMs) break
    }
    return undefined
  }

  /** @throws {StreamDeletedError} The stream was deleted for good. */
  async checkReadable(stream: StreamName): Promise<void> {
    await this.#reader.collect(stream, { direction: 'backwards', limit: 1 })
  }

  /** Reads the position of an event that is known to be recorded; undefined where the server does not tell. */
  async positionOf(stream: StreamName, revision: bigint): Promise<bigint | undefined> {
    const [event] = await this.#reader.collect(stream, { from: revision, limit: 1 })
    if (event && isPlausiblePosition(event.position)) return event.position
    // Servers before 22.6 tell positions only when the whole log is read.
    const log = this.#reader.readAll({ direction: 'backwards', limit: logTailLength })
    for await (const batch of log) {
      const found = batch.find((other) => other.stream === stream && other.revision === revision)
      if (found) return found.position
    }
    return undefined
  }

  async #match(
    events: readonly RecordedEvent[],
    ids: readonly string[],
  ): Promise<AppendResult | undefined> {
    if (!ids.every((id, index) => events[index]?.id === id)) return undefined
    const last = events[ids.length - 1]
    if (!last) return undefined
    const { stream, revision } = last
    if (isPlausiblePosition(last.position)) return { revision, position: last.position }
    const position = await this.positionOf(stream, revision)
    return position === undefined ? undefined : { revision, position }
  }
}
