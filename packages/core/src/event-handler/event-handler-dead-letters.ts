import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterStore,
} from '../dead-letter/dead-letter-store.ts'
import { letterConsumer } from './held-streams.ts'

/** Which dead letters of an event handler are meant. Default: all. */
export interface HandlerLetterSelection {
  /** Name of a stream. */
  readonly key?: string
}

/** The dead letters of an event handler, and what is to become of them. */
export class EventHandlerDeadLetters {
  readonly #consumer: string
  readonly #store: DeadLetterStore
  readonly #wake: () => void

  /** @param wake Has this process look at once, where it runs the handler; another one looks every second. */
  constructor(handler: string, store: DeadLetterStore, wake: () => void) {
    this.#consumer = letterConsumer(handler)
    this.#store = store
    this.#wake = wake
  }

  /** Yields letters in pages, by stream, the oldest event of each first. */
  list(selection: HandlerLetterSelection = {}): AsyncIterable<readonly DeadLetter[]> {
    return this.#store.list(this.#filter(selection))
  }

  /** Counts letters, those that wait behind others included. */
  count(selection: HandlerLetterSelection = {}): Promise<number> {
    return this.#store.count(this.#filter(selection))
  }

  /**
   * Has the letters tried again, those of each stream from the oldest on; say it after mending what they failed of.
   * Those of a handler that delivers at most once are tried once.
   *
   * @returns How many streams that concerns.
   */
  async retry(selection: HandlerLetterSelection = {}): Promise<number> {
    const streams = await this.#store.retry(this.#filter(selection))
    this.#wake()
    return streams
  }

  /**
   * Gives letters up: their events are never handled. What stands behind them is tried at once.
   *
   * @param position Only the letter of the event there. Default: all that are selected.
   * @returns How many letters that were.
   */
  async discard(selection: HandlerLetterSelection, position?: bigint): Promise<number> {
    const letters = await this.#store.discard(this.#filter(selection), position)
    this.#wake()
    return letters
  }

  #filter({ key }: HandlerLetterSelection): DeadLetterFilter {
    return { consumer: this.#consumer, ...(key !== undefined && { key }) }
  }
}
