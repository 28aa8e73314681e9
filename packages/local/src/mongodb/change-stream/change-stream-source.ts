import { equalValues } from '../bson/compare.ts'
import { encodeDocument } from '../bson/encode.ts'
import { timestampOf, type BsonDocument } from '../bson/value.ts'
import type { CommandContext } from '../commands/command.ts'
import type { CursorSource } from '../cursor/cursors.ts'
import { ServerError } from '../errors/server-error.ts'
import { runStages } from '../pipeline/run-pipeline.ts'
import { collationOf } from '../query/collation.ts'
import { variablesOf } from '../commands/write-commands.ts'
import type { CommittedChanges } from './change-entry.ts'
import { changeEvent, invalidates, isWatched } from './change-event.ts'
import type { ChangeStreamRequest } from './change-stream-request.ts'
import { END_OF_COMMIT, resumeToken, type ChangePosition } from './resume-token.ts'

/** Reads the log of changes for one stream, event by event. */
class ChangeStreamSource implements CursorSource {
  #position: ChangePosition
  #sequence: number
  #pending: CommittedChanges[] = []
  #ended = false
  #invalidateNext: bigint | undefined

  constructor(
    private readonly context: CommandContext,
    private readonly request: ChangeStreamRequest,
  ) {
    this.#position = request.start
    this.#sequence = context.server.engine.changes.sequenceBefore(request.start.ts)
  }

  /** An invalidated stream is at its end. */
  get tailable(): boolean {
    return !this.#ended
  }

  next(): Buffer | undefined {
    for (;;) {
      if (this.#ended) return undefined
      if (this.#invalidateNext !== undefined) return this.#invalidate(this.#invalidateNext)
      const changes = this.#pending[0] ?? this.#read()
      if (!changes) return undefined
      const event = this.#nextEvent(changes)
      if (event) return event
    }
  }

  extra() {
    return { postBatchResumeToken: resumeToken(this.#position) }
  }

  async waitForMore(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { changes } = this.context.server.engine
    if (signal.aborted || changes.sequence > this.#sequence) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        stop()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      const stop = changes.onAppend(done)
      signal.addEventListener('abort', done)
    })
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

  /** The next event of a commit; drops the commit when there is none left. */
  #nextEvent(changes: CommittedChanges): Buffer | undefined {
    const { ts } = changes
    const { start } = this.request
    const from = this.#position.ts === ts ? this.#position.index + 1 : 0
    for (let index = from; ts >= start.ts && index < changes.entries.length; index += 1) {
      const entry = changes.entries[index]
      if (!entry) break
      this.#position = { ts, index, invalidate: false }
      if (!isWatched(this.request, entry)) continue
      if (invalidates(this.request, entry)) this.#invalidateNext = ts
      const event = changeEvent(this.context.server.engine, this.request, changes, entry)
      const bytes = this.#through({ _id: resumeToken(this.#position), ...event })
      if (bytes) return bytes
      if (this.#invalidateNext !== undefined) return undefined
    }
    this.#pending.shift()
    return undefined
  }

  #invalidate(ts: bigint): Buffer | undefined {
    this.#position = { ...this.#position, invalidate: true }
    this.#ended = true
    return this.#through({
      _id: resumeToken(this.#position),
      operationType: 'invalidate',
      clusterTime: timestampOf(ts),
      wallTime: new Date(),
    })
  }

  #through(event: BsonDocument): Buffer | undefined {
    const environment = {
      context: this.context,
      db: this.context.db,
      collation: collationOf(this.context.body['collation']),
      variables: variablesOf(this.context.body),
    }
    for (const result of runStages(environment, [event], this.request.stages)) {
      if (equalValues(result['_id'], event['_id'])) return encodeDocument(result)
      throw new ServerError(
        'ChangeStreamFatalError',
        'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying the _id field of an event makes it impossible to resume the stream from that point. Only transformations that retain the unmodified _id field are allowed.',
      )
    }
    return undefined
  }
}

/** A cursor over the changes a stream watches. */
export function changeStreamSource(
  context: CommandContext,
  request: ChangeStreamRequest,
): CursorSource {
  return new ChangeStreamSource(context, request)
}
