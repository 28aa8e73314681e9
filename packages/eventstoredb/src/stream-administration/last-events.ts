import type { DeliveredEvent } from '../read/delivery.ts'
import type { PageReader } from '../read/page-reader.ts'
import type { Attempt } from '../failure/translate-failure.ts'
import { LastEventCursor } from './last-event-cursor.ts'

/** Looks at the ends of streams. */
export class LastEvents {
  readonly #pages: PageReader

  constructor(pages: PageReader) {
    this.#pages = pages
  }

  /**
   * Returns the last event of a stream that can be read; undefined where there is none.
   *
   * @throws {StreamDeletedError} The stream was deleted for good.
   */
  async of(stream: string, attempt: Omit<Attempt, 'address'>): Promise<DeliveredEvent | undefined> {
    for await (const [last] of this.#pages.read(new LastEventCursor(stream), attempt, 1))
      return last
    return undefined
  }
}
