import { randomUUID } from 'node:crypto'
import type { GrpcCall } from '../grpc/grpc-call.ts'
import type { EventLog } from '../log/event-log.ts'
import { PageSize } from '../log/page-size.ts'
import type { StreamPages } from '../log/stream-pages.ts'
import { isSoftDeleted, isTombstoned } from '../log/stream-states.ts'
import { TOMBSTONE_REVISION } from '../wire/event-frame.ts'
import type { ReadFrom, ReadOptions } from '../wire/read-request.ts'
import { CAUGHT_UP, FELL_BEHIND, subscriptionConfirmed } from '../wire/read-responses.ts'
import { CommitSignal } from './commit-signal.ts'
import { LIVE_BACKLOG_EVENTS, MOST_PAGE_EVENTS } from './live-backlog.ts'
import { ReadPresentation } from './read-presentation.ts'
import { invalidRequest, streamDeleted } from './stream-errors.ts'

/**
 * Serves a subscription to one stream until the client goes away.
 *
 * It only ever reads on from its cursor, so nothing is missed or doubled where it goes live.
 *
 * @throws {GrpcError} The stream is tombstoned.
 */
export async function subscribeToStream(
  call: GrpcCall,
  log: EventLog,
  pages: StreamPages,
  options: ReadOptions & { readonly stream: string },
): Promise<void> {
  const { stream } = options
  if (stream === '') throw invalidRequest('subscription to a stream without a name')
  const signal = new CommitSignal(log, call)
  const presentation = new ReadPresentation(log, options)
  const size = new PageSize()
  let cursor = startOf(options.from, log.streams.get(stream).last)
  let isLive = options.from === 'end'
  if (isTombstoned(log.streams.get(stream))) throw streamDeleted(stream)
  call.send(subscriptionConfirmed(randomUUID()))
  if (isLive) call.send(CAUGHT_UP)
  while (!call.ended) {
    const state = log.streams.get(stream)
    if (!isLive && isTombstoned(state)) throw streamDeleted(stream)
    const count = size.next(MOST_PAGE_EVENTS)
    const page = isLive ? pages.raw(state, cursor, count) : pages.forwards(state, cursor, count)
    if (page.frames.length > 0) {
      cursor = page.next
      const bytes = Buffer.concat(presentation.present(page.frames))
      size.learn(page.frames.length, bytes.length)
      await call.write(bytes)
      if (isLive && cursor > TOMBSTONE_REVISION) throw streamDeleted(stream)
      if (isLive && log.streams.get(stream).last - cursor > LIVE_BACKLOG_EVENTS) {
        isLive = false
        call.send(FELL_BEHIND)
      }
    } else if (isLive || state.last < 0 || isSoftDeleted(state)) {
      await signal.wait()
    } else {
      cursor = page.next
      isLive = true
      call.send(CAUGHT_UP)
    }
  }
}

/** The start is exclusive: the first event is the one after it. */
function startOf(from: ReadFrom, last: number): number {
  if (from === 'start') return 0
  return (from === 'end' ? last : from) + 1
}
