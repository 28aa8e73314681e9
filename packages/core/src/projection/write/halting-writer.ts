import { pause } from '../../bus/pause.ts'
import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import { DocumentRefusedError } from '../../read-model/read-model-errors.ts'
import type { EventWriter } from './event-writer.ts'
import { ProjectionHaltedError, ProjectionHandlerError } from '../projection-errors.ts'
import type { SegmentWriter } from './segment-writer.ts'

/** How a failing event is tried again. */
export interface HaltingWriterOptions {
  /** Pauses before each further try, in milliseconds. */
  readonly delaysMs: readonly number[]
  readonly onRetry: (error: ProjectionHandlerError) => void
}

/**
 * Writes a segment and stops at an event that fails in every try, because its handler throws or the store refuses
 * what it makes: what came before it is written, it and what follows is not.
 */
export class HaltingWriter implements EventWriter {
  readonly choreAt = undefined
  readonly holdsLetters = false
  readonly #options: HaltingWriterOptions

  constructor(
    readonly segment: SegmentWriter,
    options: HaltingWriterOptions,
  ) {
    this.#options = options
  }

  async write(
    events: readonly RecordedEvent[],
    position: bigint,
    signal: AbortSignal,
  ): Promise<boolean> {
    let rest = events
    let tries = 0
    while (!signal.aborted) {
      const error = await this.#writeUpToFailure(rest, position)
      if (!error) return true
      const failed = rest.findIndex((event) => event.position === error.event.position)
      if (failed > 0) tries = 0
      rest = rest.slice(failed)
      const delay = this.#options.delaysMs[tries]
      if (delay === undefined) throw new ProjectionHaltedError(error.projection, { cause: error })
      tries += 1
      this.#options.onRetry(error)
      await pause(delay, signal)
    }
    return false
  }

  expectChores(): void {
    // It never leaves anything to be done later.
  }

  doChores(): Promise<void> {
    return Promise.resolve()
  }

  /** Writes what can be written, in order; returns the failure of the first event that cannot. */
  async #writeUpToFailure(
    events: readonly RecordedEvent[],
    position: bigint,
  ): Promise<ProjectionHandlerError | undefined> {
    try {
      await this.segment.write(events, position)
      return undefined
    } catch (error) {
      if (error instanceof DocumentRefusedError) return this.#writeOneByOne(events, position)
      if (!(error instanceof ProjectionHandlerError)) throw error
      const before = events.filter((event) => event.position < error.event.position)
      const last = before.at(-1)
      return last && before.length < events.length
        ? ((await this.#writeUpToFailure(before, last.position)) ?? error)
        : error
    }
  }

  /** A refused document does not say which of its events is to blame. */
  async #writeOneByOne(
    events: readonly RecordedEvent[],
    position: bigint,
  ): Promise<ProjectionHandlerError | undefined> {
    const { segment } = this
    for (const event of events)
      try {
        await segment.write([event], event.position)
      } catch (error) {
        if (error instanceof ProjectionHandlerError) return error
        if (!(error instanceof DocumentRefusedError)) throw error
        const { model, id } = error
        const document = id === undefined ? undefined : { model, id }
        return new ProjectionHandlerError(segment.generation.projection, event, document, {
          cause: error,
        })
      }
    await segment.write([], position)
    return undefined
  }
}
