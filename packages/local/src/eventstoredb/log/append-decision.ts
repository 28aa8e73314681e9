import { ANY, type ExpectedRevision, NO_STREAM, STREAM_EXISTS } from '../wire/expected-revision.ts'
import type { EventLog } from './event-log.ts'
import { isSoftDeleted, isTombstoned, metastreamOf, type StreamState } from './stream-states.ts'

/** What becomes of an append. */
export type AppendDecision =
  | { readonly outcome: 'append' }
  /** The very events are stored already, up to this revision. */
  | { readonly outcome: 'repeated'; readonly revision: number }
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'deleted' }

const APPEND: AppendDecision = { outcome: 'append' }
const CONFLICT: AppendDecision = { outcome: 'conflict' }
const DELETED: AppendDecision = { outcome: 'deleted' }

/**
 * Decides about an append, inside a write.
 *
 * Rules of EventStoreDB: at the current revision everything is appended, whatever its ids; behind it only a
 * repetition of what is stored succeeds; without an exact revision, only one of events still remembered.
 */
export function decideAppend(
  log: EventLog,
  state: StreamState,
  expected: ExpectedRevision,
  ids: readonly string[],
): AppendDecision {
  if (isTombstoned(state)) return DELETED
  if (expected === STREAM_EXISTS) {
    if (isSoftDeleted(state)) return DELETED
    if (state.last < 0 && log.streams.get(metastreamOf(state.name)).last < 0) return CONFLICT
  }
  if (expected === ANY || expected === STREAM_EXISTS) return decideByMemory(log, state, ids)
  if (expected > state.last) return CONFLICT
  if (expected === state.last) return APPEND
  return decideByHistory(log, state, expected, ids)
}

function decideByMemory(log: EventLog, state: StreamState, ids: readonly string[]): AppendDecision {
  let revision: number | undefined
  for (const [index, id] of ids.entries()) {
    revision = log.recentIds.revisionIn(state.name, id)
    if (revision === undefined) return index === 0 ? APPEND : CONFLICT
  }
  return revision === undefined ? APPEND : { outcome: 'repeated', revision }
}

function decideByHistory(
  log: EventLog,
  state: StreamState,
  expected: ExpectedRevision,
  ids: readonly string[],
): AppendDecision {
  let revision = expected
  for (const id of ids) {
    revision += 1
    if (log.recentIds.revisionIn(state.name, id) === revision) continue
    if (log.streams.eventAt(state, revision)?.id === id) continue
    const isFirst = revision === expected + 1
    return isFirst && expected === NO_STREAM && isSoftDeleted(state) ? APPEND : CONFLICT
  }
  return revision === expected ? CONFLICT : { outcome: 'repeated', revision }
}
