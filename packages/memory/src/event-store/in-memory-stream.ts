import {
  type ExpectedRevision,
  type RecordedEvent,
  StreamDeletedError,
  type StreamName,
  WrongExpectedRevisionError,
} from '@varve/core'
import type { AcceptedEvent } from './record-events.ts'
import { StreamRetention } from './stream-retention.ts'

/** One stream: its events, and EventStoreDB's table of what an append to it means. */
export class InMemoryStream {
  readonly name: StreamName
  /** Index is revision. Hidden ones included. */
  readonly events: RecordedEvent[] = []
  readonly retention: StreamRetention
  /** Whether it was deleted for good. */
  isTombstoned = false
  /** Built by the first append that names no revision: only those are found by their ids. */
  #revisions: Map<string, number> | undefined

  constructor(name: StreamName) {
    this.name = name
    this.retention = new StreamRetention(name)
  }

  /** @throws {StreamDeletedError} */
  checkAlive(): void {
    if (this.isTombstoned) throw new StreamDeletedError(this.name)
  }

  add(event: RecordedEvent): void {
    if (this.retention.isDeleted) this.retention.restore(this.events.length)
    this.#revisions?.set(event.id, this.events.length)
    this.events.push(event)
  }

  /**
   * Returns the last event of the batch where it is already recorded, undefined where it is to be written.
   *
   * @throws {WrongExpectedRevisionError}
   * @throws {StreamDeletedError}
   */
  findRepeated(
    batch: readonly AcceptedEvent[],
    expected: ExpectedRevision,
  ): RecordedEvent | undefined {
    this.checkAlive()
    const current = this.events.length - 1
    const { isDeleted } = this.retention
    if (expected === 'any') return this.#findById(batch, expected)
    if (expected === 'stream-exists') {
      if (current < 0 || isDeleted) throw this.#conflict(expected)
      return this.#findById(batch, expected)
    }
    const revision = expected === 'no-stream' ? -1 : Number(expected)
    // At the head nothing is looked up: the same id may be recorded again, as on the server.
    if (revision === current) return undefined
    const isRepeated = batch.every(({ id }, index) => this.events[revision + 1 + index]?.id === id)
    if (revision <= current && !isRepeated && expected === 'no-stream' && isDeleted)
      return undefined
    if (revision > current || !isRepeated) throw this.#conflict(expected)
    return this.events[revision + batch.length]
  }

  #findById(
    batch: readonly AcceptedEvent[],
    expected: ExpectedRevision,
  ): RecordedEvent | undefined {
    if (this.events.length === 0) return undefined
    this.#revisions ??= new Map(this.events.map((event, revision) => [event.id, revision]))
    let last: number | undefined
    for (const [index, { id }] of batch.entries()) {
      const revision = this.#revisions.get(id)
      if (revision === undefined && index === 0) return undefined
      if (revision === undefined) throw this.#conflict(expected)
      last = revision
    }
    return last === undefined ? undefined : this.events[last]
  }

  #conflict(expected: ExpectedRevision): WrongExpectedRevisionError {
    return new WrongExpectedRevisionError(this.name, expected, this.events.at(-1)?.revision)
  }
}
