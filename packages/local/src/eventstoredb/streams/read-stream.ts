import type { GrpcCall } from '../grpc/grpc-call.ts'
import { PageSize } from '../log/page-size.ts'
import type { StreamPage, StreamPages } from '../log/stream-pages.ts'
import { isSoftDeleted, isTombstoned, type StreamState } from '../log/stream-states.ts'
import type { EventLog } from '../log/event-log.ts'
import { MAX_NUMBER } from '../wire/protobuf.ts'
import type { ReadOptions } from '../wire/read-request.ts'
import { streamNotFound } from '../wire/read-responses.ts'
import { ReadPresentation } from './read-presentation.ts'
import { invalidRequest, streamDeleted } from './stream-errors.ts'

/**
 * Answers a read of one stream.
 *
 * @throws {GrpcError} The stream is tombstoned, or the request makes no sense.
 */
export async function readStream(
  call: GrpcCall,
  log: EventLog,
  pages: StreamPages,
  options: ReadOptions & { readonly stream: string; readonly maxCount: number },
): Promise<void> {
  const { stream, backwards, maxCount, from } = options
  if (stream === '' || maxCount === 0 || (from === 'end' && !backwards)) {
    throw invalidRequest(`read of "${stream}" from ${from}, ${maxCount} events`)
  }
  const state = log.streams.get(stream)
  if (isTombstoned(state)) throw streamDeleted(stream)
  if (state.last < 0 || isSoftDeleted(state)) {
    call.send(streamNotFound(stream))
    return
  }
  const presentation = new ReadPresentation(log, options)
  const size = new PageSize()
  let next = startOf(from)
  let left = maxCount
  while (left > 0) {
    const page = readPage(pages, log.streams.get(stream), backwards, next, size.next(left))
    const bytes = Buffer.concat(presentation.present(page.frames))
    size.learn(page.frames.length, bytes.length)
    next = page.next
    left -= page.frames.length
    if (bytes.length > 0 && !(await call.write(bytes))) return
    if (page.end) return
  }
}

function readPage(
  pages: StreamPages,
  state: StreamState,
  backwards: boolean,
  from: number,
  count: number,
): StreamPage {
  return backwards ? pages.backwards(state, from, count) : pages.forwards(state, from, count)
}

function startOf(from: ReadOptions['from']): number {
  if (from === 'start') return 0
  return from === 'end' ? MAX_NUMBER : from
}
