import { randomUUID } from 'node:crypto'
import { type ProposedEvent, TOMBSTONE_REVISION } from '../wire/event-frame.ts'
import type { ExpectedRevision } from '../wire/expected-revision.ts'
import { decideAppend } from './append-decision.ts'
import type { EventLog } from './event-log.ts'
import { positionOf } from './log-position.ts'
import { jsonObject, SOFT_DELETED_TEXT } from './retention.ts'
import {
  isSoftDeleted,
  isTombstoned,
  metastreamOf,
  originalStreamOf,
  type StreamState,
} from './stream-states.ts'

/** How a write ended. */
export type WriteResult =
  /** Revision (-1 when the stream has no events) and position of the last event. */
  | { readonly outcome: 'written'; readonly revision: number; readonly position: number }
  /** `actual` is the revision of the last event of the stream, -1 for none. */
  | { readonly outcome: 'conflict'; readonly actual: number }
  | { readonly outcome: 'deleted' }

const NOTHING = new Uint8Array(0)

/** Appends to and deletes streams, each write all or nothing, in the order they were asked for. */
export class StreamWriter {
  constructor(private readonly log: EventLog) {}

  /** Appends events; resolves once they are on disk. */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly ProposedEvent[],
  ): Promise<WriteResult> {
    return this.log.write(() => this.#append(stream, expected, events))
  }

  /** Hides all events the stream has so far; it may be appended to again. */
  softDelete(stream: string, expected: ExpectedRevision): Promise<WriteResult> {
    return this.log.write(() =>
      this.#decided(stream, expected, [randomUUID()], (state) => {
        const metastream = this.log.streams.get(metastreamOf(stream))
        if (state.last < 0 && metastream.last < 0) return { outcome: 'conflict', actual: -1 }
        return this.#addMetadata(metastream, `{"$tb":${SOFT_DELETED_TEXT}}`)
      }),
    )
  }

  /** Ends the stream for good. */
  tombstone(stream: string, expected: ExpectedRevision): Promise<WriteResult> {
    return this.log.write(() =>
      this.#decided(stream, expected, [randomUUID()], (state) => {
        const position = this.log.add(state, TOMBSTONE_REVISION, [
          systemEvent('$streamDeleted', false, NOTHING),
        ])
        return { outcome: 'written', revision: TOMBSTONE_REVISION, position }
      }),
    )
  }

  #append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly ProposedEvent[],
  ): WriteResult {
    const ids = events.map((event) => event.id)
    return this.#decided(stream, expected, ids, (state) => {
      const wasSoftDeleted = isSoftDeleted(state)
      const original = originalStreamOf(stream)
      const describesDeleted =
        original !== undefined && isSoftDeleted(this.log.streams.get(original))
      const before = state.last
      const position =
        events.length === 0
          ? positionOf(this.log.lastSequence)
          : this.log.add(state, before + 1, events)
      const revision = state.last
      if (wasSoftDeleted) this.#recreate(stream, before + 1)
      if (describesDeleted) this.#recreate(original, this.log.streams.get(original).last + 1)
      return { outcome: 'written', revision, position }
    })
  }

  #decided(
    stream: string,
    expected: ExpectedRevision,
    ids: readonly string[],
    write: (state: StreamState) => WriteResult,
  ): WriteResult {
    const state = this.log.streams.get(stream)
    const decision = decideAppend(this.log, state, expected, ids)
    switch (decision.outcome) {
      case 'append':
        return write(state)
      case 'repeated':
        return {
          outcome: 'written',
          revision: decision.revision,
          position: this.log.streams.eventAt(state, decision.revision)?.position ?? 0,
        }
      case 'conflict':
        return { outcome: 'conflict', actual: state.last }
      case 'deleted':
        return { outcome: 'deleted' }
    }
  }

  /** Ends a soft deletion: what was hidden stays hidden, what comes after `from` is seen. */
  #recreate(stream: string, from: number): void {
    const metadata = this.log.streams.metadataOf(stream)
    const fields = metadata && jsonObject(metadata.data)
    if (!fields) return
    const metastream = this.log.streams.get(metastreamOf(stream))
    this.#addMetadata(metastream, JSON.stringify({ ...fields, $tb: from }))
  }

  #addMetadata(metastream: StreamState, json: string): WriteResult {
    if (isTombstoned(metastream)) return { outcome: 'deleted' }
    const revision = metastream.last + 1
    const position = this.log.add(metastream, revision, [
      systemEvent('$metadata', true, Buffer.from(json)),
    ])
    return { outcome: 'written', revision, position }
  }
}

function systemEvent(type: string, isJson: boolean, data: Uint8Array): ProposedEvent {
  return { id: randomUUID(), type, isJson, data, metadata: NOTHING }
}
