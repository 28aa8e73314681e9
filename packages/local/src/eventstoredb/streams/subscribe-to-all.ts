import { randomUUID } from 'node:crypto'
import type { GrpcCall } from '../grpc/grpc-call.ts'
import type { EventLog } from '../log/event-log.ts'
import { FilteredPages } from '../log/filtered-pages.ts'
import type { LogPages } from '../log/log-pages.ts'
import { lastSequenceUpTo } from '../log/log-position.ts'
import { PageSize } from '../log/page-size.ts'
import type { ReadFrom, ReadOptions } from '../wire/read-request.ts'
import { CAUGHT_UP, FELL_BEHIND, subscriptionConfirmed } from '../wire/read-responses.ts'
import { CheckpointSchedule } from './checkpoint-schedule.ts'
import { CommitSignal } from './commit-signal.ts'
import { LIVE_BACKLOG_EVENTS, MOST_PAGE_EVENTS } from './live-backlog.ts'
import { nextTurn } from './next-turn.ts'
import { ReadPresentation } from './read-presentation.ts'

/** Serves a subscription to `$all`, filtered or not, until the client goes away. */
export async function subscribeToAll(
  call: GrpcCall,
  log: EventLog,
  allPages: LogPages,
  options: ReadOptions,
): Promise<void> {
  const { filter } = options
  const signal = new CommitSignal(log, call)
  const presentation = new ReadPresentation(log, options)
  const size = new PageSize()
  let cursor = startOf(options.from, log)
  const pages = filter ? new FilteredPages(log, filter) : allPages
  const checkpoints = filter && new CheckpointSchedule(filter, cursor)
  let isLive = options.from === 'end'
  call.send(subscriptionConfirmed(randomUUID()))
  if (isLive) call.send(CAUGHT_UP)
  while (!call.ended) {
    const { events, seen } = pages.after(cursor, size.next(MOST_PAGE_EVENTS))
    if (seen > cursor) {
      cursor = seen
      const frames = presentation.present(events.map((event) => event.frame))
      const bytes = Buffer.concat(checkpoints?.interleave(events, frames, seen) ?? frames)
      size.learn(events.length, bytes.length)
      if (bytes.length > 0) await call.write(bytes)
      else await nextTurn()
      if (isLive && log.lastSequence - cursor > LIVE_BACKLOG_EVENTS) {
        isLive = false
        call.send(FELL_BEHIND)
      }
    } else if (isLive) {
      await signal.wait()
    } else {
      isLive = true
      const checkpoint = checkpoints?.atTransition(cursor)
      if (checkpoint) call.send(checkpoint)
      call.send(CAUGHT_UP)
    }
  }
}

/** The start is exclusive: the cursor is the last event not to send. */
function startOf(from: ReadFrom, log: EventLog): number {
  if (from === 'start') return 0
  return from === 'end' ? log.lastSequence : Math.min(lastSequenceUpTo(from), log.lastSequence)
}
