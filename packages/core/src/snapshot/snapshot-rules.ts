import type { Constructor } from '../message/constructor.ts'
import type { JsonValue } from '../serialization/json-value.ts'

/** How far an aggregate is when its `when` is asked. */
export interface SnapshotProgress {
  /** Revision of the last event in the state. */
  readonly revision: bigint
  /** How many events came since the last snapshot that is known here. */
  readonly eventsSince: number
}

/** When snapshots are taken, which are kept, and what becomes of old ones. At least one of the first three. */
export interface SnapshotRules<State = never> {
  /** Takes one when a multiple of this number of events is crossed. A whole number from 1. */
  readonly every?: number
  /** Takes one when a command had to wait longer than this for the aggregate to be loaded, in milliseconds. */
  readonly afterLoadMs?: number
  /** Takes one after an append where this says so. */
  when?(this: void, state: State, progress: SnapshotProgress): boolean
  /** Version of the state's schema; raise it when the state changes shape. Default 1. */
  readonly version?: number
  /** How many to keep of each aggregate, the newest ones, at least 1. Default: what the store keeps. */
  readonly keep?: number
  /**
   * Brings what an older version wrote up to this one. Undefined discards it, as leaving this out does for all.
   *
   * @param state As `toSnapshot` wrote it then, or the fields.
   */
  upcast?(this: void, state: JsonValue, version: number): JsonValue | undefined
  /** Classes of objects within the state, by a name that never changes. Their fields are stored; no constructor runs. */
  readonly classes?: Readonly<Record<string, Constructor>>
}

/** The rules that need no code of the state. */
export function rulesOf<State>(rules: SnapshotRules<State>) {
  const { every, afterLoadMs, when, version = 1, keep, upcast } = rules
  return {
    ...(every !== undefined && { every }),
    ...(afterLoadMs !== undefined && { afterLoadMs }),
    ...(when && { when }),
    version,
    ...(keep !== undefined && { keep }),
    ...(upcast && { upcast }),
  }
}

/** Checks rules; returns the mistakes. */
export function checkSnapshotRules(
  category: string,
  { every, afterLoadMs, when, keep }: SnapshotRules<unknown>,
): readonly string[] {
  const mistakes: string[] = []
  const subject = `Aggregate "${category}"`
  if (every === undefined && afterLoadMs === undefined && !when)
    mistakes.push(
      `${subject} does not say when to take a snapshot: give every, afterLoadMs or when.`,
    )
  if (every !== undefined && !isCount(every))
    mistakes.push(
      `${subject} takes a snapshot every ${every} events: expected a whole number from 1.`,
    )
  if (afterLoadMs !== undefined && !(afterLoadMs >= 0))
    mistakes.push(
      `${subject} takes a snapshot after ${afterLoadMs} ms of loading: expected a number from 0.`,
    )
  if (keep !== undefined && !isCount(keep))
    mistakes.push(`${subject} keeps ${keep} snapshots: expected a whole number from 1.`)
  return mistakes
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0
}
