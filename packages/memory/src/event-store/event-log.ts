import type { AppendResult, ExpectedRevision, RecordedEvent, StreamName } from '@varve/core'
import { FixedDate } from './fixed-date.ts'
import { InMemoryStream } from './in-memory-stream.ts'
import type { AcceptedEvent } from './record-events.ts'

/** The whole log: every event in the order of appends, and the streams they belong to. */
export class EventLog {
  /** Index is position. */
  readonly events: RecordedEvent[] = []
  /** Called after each append. */
  readonly listeners = new Set<() => void>()
  readonly #streams = new Map<StreamName, InMemoryStream>()

  /** Returns a stream, empty where nobody wrote it yet. */
  stream(name: StreamName): InMemoryStream {
    let stream = this.#streams.get(name)
    if (!stream) this.#streams.set(name, (stream = new InMemoryStream(name)))
    return stream
  }

  /** Returns a stream; undefined where nobody wrote it yet. */
  find(name: StreamName): InMemoryStream | undefined {
    return this.#streams.get(name)
  }

  /** Ends a stream for good. */
  tombstone(stream: InMemoryStream): void {
    stream.isTombstoned = true
    for (const listener of this.listeners) listener()
  }

  /** Runs to its end without a pause, so two writers never see each other's half. */
  append(
    name: StreamName,
    batch: readonly AcceptedEvent[],
    expected: ExpectedRevision,
    now: Date,
  ): AppendResult {
    const stream = this.#streams.get(name) ?? new InMemoryStream(name)
    const repeated = stream.findRepeated(batch, expected)
    if (repeated) return { revision: repeated.revision, position: repeated.position }
    this.#streams.set(name, stream)
    const recordedAt = new FixedDate(now)
    for (const event of batch) this.#record(stream, event, recordedAt)
    for (const listener of this.listeners) listener()
    return { revision: BigInt(stream.events.length - 1), position: BigInt(this.events.length - 1) }
  }

  #record(stream: InMemoryStream, event: AcceptedEvent, recordedAt: Date): void {
    const recorded: RecordedEvent = Object.freeze({
      id: event.id,
      type: event.type,
      stream: stream.name,
      revision: BigInt(stream.events.length),
      position: BigInt(this.events.length),
      data: event.data,
      metadata: event.metadata,
      recordedAt,
    })
    stream.add(recorded)
    this.events.push(recorded)
  }
}
