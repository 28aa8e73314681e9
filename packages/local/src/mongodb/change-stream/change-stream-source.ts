import { equalValues } from '../bson/compare.ts'
import { timestampOf, type BsonDocument } from '../bson/value.ts'
import type { CommandContext } from '../commands/command.ts'
import type { CursorSource } from '../cursor/cursors.ts'
import { ServerError } from '../errors/server-error.ts'
import { runStages } from '../pipeline/run-pipeline.ts'
import { collationOf } from '../query/collation.ts'
import { variablesOf } from '../commands/command-variables.ts'
import type { CommittedChanges } from './change-entry.ts'
import { changeEvent, invalidates, isWatched } from './change-event.ts'
import type { ChangeStreamRequest } from './change-stream-request.ts'
import { eventParts, type EventPart } from './split-event.ts'
import { END_OF_COMMIT, resumeToken, type ChangePosition } from './resume-token.ts'

/** Reads the log of changes for one stream, event by event. */
class ChangeStreamSource implements CursorSource {
  #position: ChangePosition
  #sequence: number
  #pending: CommittedChanges[] = []
  #ended = false
  #invalidateNext: bigint | undefined
  /** Parts of an event that were not read yet. */
  #parts: EventPart[] = []

  constructor(
    private readonly context: CommandContext,
    private readonly request: ChangeStreamRequest,
  ) {
    this.#position = request.start
    this.#sequence = context.server.engine.changes.sequenceBefore(request.start.ts)
  }

  readonly followsChanges = true

  /** An invalidated stream is at its end. */
  get tailable(): boolean {
    return !this.#ended || this.#parts.length > 0
  }

  next(): Buffer | undefined {
    for (;;) {
      const part = this.#parts.shift()
      if (part) {
        this.#position = part.position
        return part.bytes
      }
      if (this.#ended) return undefined
      if (this.#invalidateNext !== undefined) {
        this.#invalidate(this.#invalidateNext)
        continue
      }
      const changes = this.#pending[0] ?? this.#read()
      if (!changes) return undefined
      this.#readEvent(changes)
    }
  }

  extra() {
    return { postBatchResumeToken: resumeToken(this.#position) }
  }

  async waitForMore(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { changes } = this.context.server.engine
    if (changes.sequence > this.#sequence) return
    await changes.waitForAppend(milliseconds, signal)
  }

  #read(): CommittedChanges | undefined {
    const { changes, clock } = this.context.server.engine
    const page = changes.after(this.#sequence)
    this.#pending = page.map((item) => item.changes)
    this.#sequence = page[page.length - 1]?.sequence ?? this.#sequence
    // Nothing left: everything up to now has been seen.
    if (page.length === 0 && clock.last > this.#position.ts) {
      this.#position = { ts: clock.last, index: END_OF_COMMIT, invalidate: false }
    }
    return this.#pending[0]
  }

  /** Takes the next event of a commit; drops the commit when there is none left. */
  #readEvent(changes: CommittedChanges): void {
    const { ts } = changes
    const { start } = this.request
    const { fragment } = this.#position
    const again = fragment === undefined ? 1 : 0
    const from = this.#position.ts === ts ? this.#position.index + again : 0
    for (let index = from; ts >= start.ts && index < changes.entries.length; index += 1) {
      const entry = changes.entries[index]
      if (!entry) break
      const isRest = fragment !== undefined && index === this.#position.index
      this.#position = { ts, index, invalidate: false }
      if (!isWatched(this.request, entry)) continue
      if (invalidates(this.request, entry)) this.#invalidateNext = ts
      const event = changeEvent(this.context.server.engine, this.request, changes, entry)
      const parts = this.#through({ _id: resumeToken(this.#position), ...event })
      this.#parts = isRest ? parts.slice(fragment + 1) : parts
      if (this.#parts.length > 0 || this.#invalidateNext !== undefined) return
    }
    this.#pending.shift()
  }

  #invalidate(ts: bigint): void {
    this.#position = { ...this.#position, invalidate: true }
    this.#ended = true
    this.#parts = this.#through({
      _id: resumeToken(this.#position),
      operationType: 'invalidate',
      clusterTime: timestampOf(ts),
      wallTime: new Date(),
    })
  }

  /** The event as the stages behind `$changeStream` leave it. */
  #through(event: BsonDocument): EventPart[] {
    const environment = {
      context: this.context,
      db: this.context.db,
      collation: collationOf(this.context.body['collation']),
      variables: variablesOf(this.context.body),
    }
    for (const result of runStages(environment, [event], this.request.stages)) {
      if (equalValues(result['_id'], event['_id']))
        return eventParts(result, this.#position, this.request.splitsLargeEvents)
      throw new ServerError(
        'ChangeStreamFatalError',
        'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying the _id field of an event makes it impossible to resume the stream from that point. Only transformations that retain the unmodified _id field are allowed.',
      )
    }
    return []
  }
}

/** A cursor over the changes a stream watches. */
export function changeStreamSource(
  context: CommandContext,
  request: ChangeStreamRequest,
): CursorSource {
  return new ChangeStreamSource(context, request)
}
