import type { ProjectionErrorPolicy } from '../projection-definition.ts'
import { InvalidRebuildOptionsError } from '../projection-errors.ts'
import type { RebuildProgress } from './rebuild-progress.ts'

/** Options of {@link Projections.rebuild}. */
export interface RebuildOptions {
  /** Hears of each batch. */
  readonly onProgress?: (progress: RebuildProgress) => void
  /** Most events of one commit. Default: the application's. */
  readonly batch?: number
  /** How many writers fill the new generation side by side. Default: the application's. */
  readonly partitions?: number
  /** What becomes of an event that fails: it ends the rebuild, or goes to dead letters. Default `halt`. */
  readonly onError?: ProjectionErrorPolicy
  /** Raise it to cancel: readers stay where they are, nothing is left behind. */
  readonly signal?: AbortSignal
  /**
   * Ids of documents: only they are folded again, and put in the place of those that are there. Not where a read model
   * keeps its history, is written by update operators, or reads other documents.
   */
  readonly keys?: readonly string[]
  /** Names of streams: the documents their events are for, as with `keys`, with all their events. */
  readonly streams?: readonly string[]
  /** Changes nothing: folds again, compares document by document, and tells of the differences. Default false. */
  readonly verify?: boolean
  /** Most differences to tell of, with `verify`. Default 100. */
  readonly differences?: number
  /** How long the generation before is kept for a rollback, in milliseconds. Default: the application's. */
  readonly graceMs?: number
  /**
   * Begins anew where an earlier rebuild was cut off, instead of going on with it: after a handler was changed and the
   * version was not. Default false.
   */
  readonly restart?: boolean
  /**
   * What documents are made from. `snapshots`: from the newest usable snapshot of each aggregate and the events behind it,
   * and of aggregates without one from their first event on; where the projection says `fromSnapshot`, and always anew.
   * Default `events`.
   */
  readonly from?: 'events' | 'snapshots'
}

/**
 * Checks what a caller says of a rebuild.
 *
 * @throws {InvalidRebuildOptionsError}
 */
export function checkRebuildOptions(projection: string, options: RebuildOptions): void {
  const { batch, partitions, differences, graceMs, keys, streams, onError, from } = options
  const problems = [
    problemOf({ batch }, isCount(1), 'a whole number from 1'),
    problemOf({ partitions }, isCount(1), 'a whole number from 1'),
    problemOf({ differences }, isCount(0), 'a whole number from 0'),
    problemOf({ graceMs }, isDuration, 'milliseconds that end at a date'),
    problemOf({ keys }, isListOfNames, 'a list of ids'),
    problemOf({ streams }, isListOfNames, 'a list of names'),
    problemOf({ onError }, isOneOf('halt', 'dead-letter'), 'halt or dead-letter'),
    problemOf({ from }, isOneOf('events', 'snapshots'), 'events or snapshots'),
  ].filter((problem) => problem !== undefined)
  if (problems.length > 0) throw new InvalidRebuildOptionsError(projection, problems)
}

function problemOf(
  option: Readonly<Record<string, unknown>>,
  isRight: (value: unknown) => boolean,
  expected: string,
): string | undefined {
  const [[name, value] = []] = Object.entries(option)
  if (value === undefined || isRight(value)) return undefined
  const found = typeof value === 'string' ? JSON.stringify(value) : textOf(value)
  return `${name} is ${found}, expected ${expected}`
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? `a list with ${value.map(String).join(', ')}` : String(value)
}

function isCount(least: number): (value: unknown) => boolean {
  return (value) => Number.isSafeInteger(value) && (value as number) >= least
}

function isDuration(value: unknown): boolean {
  if (typeof value !== 'number' || !(value >= 0)) return false
  return !Number.isNaN(new Date(Date.now() + value).getTime())
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
}

function isOneOf(...known: readonly string[]): (value: unknown) => boolean {
  return (value) => known.includes(value as string)
}
