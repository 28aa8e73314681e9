import {
  type ReadModelChange,
  type ReadModelChangeListener,
  ReadModelStoreUnavailableError,
  type ReadModelWatch,
} from '@varve/core'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { ReadModelStoreClosedError } from '../connection/read-model-store-errors.ts'
import { toReadModelError } from '../mongodb-errors.ts'
import { type ChangeEvent, toChange } from './change-events.ts'
import { openStream, type OpenStream, watchOperation } from './open-stream.ts'

const longestBackoffMs = 2_000

/** What a watch needs. */
export interface ChangeStreamWatchOptions {
  readonly connection: MongoConnection
  readonly collections: ReadonlySet<string>
  readonly projections: ReadonlySet<string>
  readonly listener: ReadModelChangeListener
}

/**
 * Watches collections by one change stream, for as long as it takes: where the stream breaks it goes on behind the
 * last event it had; where the server does not know that event any more, from now on, and tells of a gap.
 */
export class ChangeStreamWatch implements ReadModelWatch {
  readonly source = 'change stream'
  readonly #options: ChangeStreamWatchOptions
  readonly #following: Promise<void>
  #stream: OpenStream['stream']
  #isReading = false
  #isClosed = false
  #pending: ReadModelChange[] = []
  #goOn = (): void => undefined

  private constructor(options: ChangeStreamWatchOptions, open: OpenStream) {
    this.#options = options
    this.#stream = open.stream
    this.#following = this.#follow(open)
  }

  /** Is fulfilled once every later change is going to be told. */
  static async open(options: ChangeStreamWatchOptions): Promise<ChangeStreamWatch> {
    const { connection, collections } = options
    return new ChangeStreamWatch(options, await openStream(connection, collections))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#goOn()
    await this.#stream.close().catch(() => undefined)
    // A read under way ends with the server's answer, up to a second later, and finds its stream closed.
    if (!this.#isReading) await this.#following
  }

  async #follow(opened: OpenStream): Promise<void> {
    for (let open: OpenStream | undefined = opened; open;) {
      this.#isReading = true
      const error = await this.#read(open)
      this.#isReading = false
      await open.stream.close().catch(() => undefined)
      // What the server refuses once, such as an event over its limit, it refuses behind the same token again.
      const token: unknown = isUnavailable(error) ? open.stream.resumeToken : undefined
      open = await this.#reopen(token, error)
    }
  }

  /** Tells what a stream has until it ends, and returns why it did. */
  async #read({ stream, first }: OpenStream): Promise<unknown> {
    try {
      for (let event = await first; ; event = await stream.next()) this.#take(event)
    } catch (error) {
      const { address } = this.#options.connection
      return toReadModelError(error, { address, operation: watchOperation })
    }
  }

  /** Events that came together are told together. */
  #take(event: ChangeEvent): void {
    const change = toChange(event)
    if (change && this.#isWanted(change)) this.#tellSoon(change)
  }

  #tellSoon(change: ReadModelChange): void {
    this.#pending.push(change)
    if (this.#pending.length === 1) setImmediate(() => this.#tell())
  }

  #isWanted(change: ReadModelChange): boolean {
    return change.kind !== 'generations' || this.#options.projections.has(change.projection)
  }

  #tell(): void {
    const changes = this.#pending
    this.#pending = []
    if (!this.#isClosed && changes.length > 0) this.#options.listener.onChanges(changes)
  }

  /** Undefined: the watch or its connection was closed. */
  async #reopen(token: unknown, cause: unknown): Promise<OpenStream | undefined> {
    const { connection, collections, listener } = this.#options
    let resumeAfter = token
    let error = cause
    for (let failures = 0; !this.#hasEnded(); failures += 1) {
      listener.onState('retrying', error)
      await this.#pause(Math.min(longestBackoffMs, 50 * 2 ** failures))
      if (this.#hasEnded()) return undefined
      try {
        const open = await openStream(connection, collections, resumeAfter)
        this.#stream = open.stream
        // Closed meanwhile: the read ends at once, and with it the watch.
        if (this.#hasEnded()) await open.stream.close().catch(() => undefined)
        listener.onState('live')
        if (resumeAfter === undefined) this.#tellSoon({ kind: 'gap' })
        return open
      } catch (failure) {
        if (failure instanceof ReadModelStoreClosedError) return undefined
        // Most of all: the server has forgotten what came behind the token.
        if (!isUnavailable(failure)) resumeAfter = undefined
        error = failure
      }
    }
    return undefined
  }

  /** Asked anew: a watch is closed while it waits. */
  #hasEnded(): boolean {
    return this.#isClosed
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#goOn = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof ReadModelStoreUnavailableError
}
