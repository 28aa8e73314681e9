import type { ReadAllOptions, ReadStreamOptions, RecordedEvent, StreamName } from '@varve/core'
import { HeadCursor } from './head-cursor.ts'
import { LogCursor } from './log-cursor.ts'
import { firstPageSize, type PageReader } from './page-reader.ts'
import { StreamCursor } from './stream-cursor.ts'

type Batches = AsyncGenerator<readonly RecordedEvent[], undefined>

/** Reads streams and the whole log. */
export class EventReader {
  readonly #pages: PageReader

  constructor(pages: PageReader) {
    this.#pages = pages
  }

  readStream(stream: StreamName, { limit, ...options }: ReadStreamOptions = {}): Batches {
    const operation = `reading "${stream}"`
    return this.#pages.read(new StreamCursor(stream, options), { operation, stream }, limit)
  }

  async *readAll({ limit, ...options }: ReadAllOptions = {}): Batches {
    const isShort = limit !== undefined && limit <= firstPageSize
    // A log that is written while it is read would never end.
    const bounded = options.direction !== 'backwards' && !isShort
    const head = bounded ? await this.head() : undefined
    if (bounded && head === undefined) return
    yield* this.#pages.read(new LogCursor(options, head), { operation: 'reading the log' }, limit)
  }

  /** Position of the last event of the log, the server's own included; undefined while there is none. */
  async head(): Promise<bigint | undefined> {
    const cursor = new HeadCursor()
    const pages = this.#pages.read(cursor, { operation: 'reading the end of the log' }, 1)
    for await (const _ of pages) break
    return cursor.position
  }

  /** Reads events of one stream into one list. */
  async collect(stream: StreamName, options: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = []
    for await (const batch of this.readStream(stream, options)) events.push(...batch)
    return events
  }
}
