import type { GrpcCall } from '../grpc/grpc-call.ts'
import type { EventLog } from '../log/event-log.ts'
import { FilteredPages } from '../log/filtered-pages.ts'
import { firstSequenceFrom } from '../log/log-position.ts'
import type { LogPage, LogPages } from '../log/log-pages.ts'
import { PageSize } from '../log/page-size.ts'
import type { ReadFrom, ReadOptions } from '../wire/read-request.ts'
import { nextTurn } from './next-turn.ts'
import { ReadPresentation } from './read-presentation.ts'

/** Answers a read of `$all`: forwards from a position inclusive, backwards from it exclusive. */
export async function readAll(
  call: GrpcCall,
  log: EventLog,
  allPages: LogPages,
  options: ReadOptions & { readonly maxCount: number },
): Promise<void> {
  const { backwards, filter } = options
  const pages = filter ? new FilteredPages(log, filter) : allPages
  const presentation = new ReadPresentation(log, options)
  const size = new PageSize()
  let cursor = backwards ? endOf(options.from, log) : startOf(options.from, log)
  let left = options.maxCount
  while (left > 0) {
    const count = size.next(left)
    const page = backwards ? pages.before(cursor, count) : pages.after(cursor, count)
    const bytes = Buffer.concat(presentation.present(page.events.map((event) => event.frame)))
    size.learn(page.events.length, bytes.length)
    left -= page.events.length
    if (isLast(page, cursor, backwards)) left = 0
    cursor = page.seen
    if (bytes.length > 0) {
      if (!(await call.write(bytes))) return
    } else {
      await nextTurn()
      if (call.ended) return
    }
  }
}

function isLast(page: LogPage, cursor: number, backwards: boolean): boolean {
  return backwards ? page.seen <= 1 : page.seen === cursor
}

/** Forwards, the cursor is the event before the first to read. */
function startOf(from: ReadFrom, log: EventLog): number {
  if (from === 'start') return 0
  return from === 'end' ? log.lastSequence : Math.max(firstSequenceFrom(from) - 1, 0)
}

/** Backwards, the cursor is the event after the first to read. */
function endOf(from: ReadFrom, log: EventLog): number {
  if (from === 'start') return 0
  return from === 'end' ? log.lastSequence + 1 : firstSequenceFrom(from)
}
