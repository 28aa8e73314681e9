import type { CommandResult } from '../bus/command-result.ts'
import type { QueryContext } from '../message/query-handler-definition.ts'

/** What a subscriber may say. */
export interface LiveQueryOptions extends QueryContext {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal
  /** The first result contains this command's events: read your own write. Fails where one is a dead letter. */
  readonly after?: CommandResult
  /** Longest wait for `after`, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number
}

/**
 * The results of a query: the one there is now, and another one whenever it has changed.
 *
 * Iterable once. A reader that is slower than the changes skips results but never the last one, and never gets the
 * same result twice in a row. The iteration ends when the query or the application is closed; it throws what the
 * handler throws, and that closes the query. A read-model server that is away is waited for, once there was a result.
 */
export interface LiveQuery<Result> extends AsyncIterable<Result, undefined>, AsyncDisposable {
  /** Ends the iteration and frees what the query holds; waits for a handler at work. Idempotent. */
  close(): Promise<void>
}
