import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import type { SegmentWriter } from './segment-writer.ts'

/** Writes one segment, with a policy for events that fail. */
export interface EventWriter {
  readonly segment: SegmentWriter

  /** Whether there may be dead letters of the segment. */
  readonly holdsLetters: boolean

  /** When {@link doChores} is due, in milliseconds since the epoch; undefined: there is nothing to do. */
  readonly choreAt: number | undefined

  /**
   * Writes a batch.
   *
   * @param signal Ends waiting.
   * @returns Whether all of it is written; false only where the signal was raised first.
   * @throws {ProjectionHaltedError} It gave up; nothing is skipped.
   */
  write(events: readonly RecordedEvent[], position: bigint, signal: AbortSignal): Promise<boolean>

  /** Makes chores due at once: somebody may have said what is to become of letters. */
  expectChores(): void

  /** Does what is due between batches. */
  doChores(): Promise<void>
}
