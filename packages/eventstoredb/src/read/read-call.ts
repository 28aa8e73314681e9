import type { GuardedClient } from '../connection/guarded-client.ts'
import { CallFailure } from '../failure/call-failure.ts'
import type { Delivery } from './delivery.ts'
import { SilenceTimer } from './silence-timer.ts'

/** What is used of the client's reading stream. */
export interface ClientRead {
  on(event: 'data', listener: (delivery: Delivery) => void): unknown
  on(event: 'error', listener: (failure: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  pause(): unknown
  resume(): unknown
  cancel(): Promise<void>
}

/** Who hears what comes from a read. Nothing is told after the end, nor after it was closed. */
export interface ReadListener {
  onDelivery(delivery: Delivery): void
  /** @param failure Undefined where the read is complete. */
  onEnd(failure?: Error): void
}

/** One read under way, watched for silence and never left open. */
export class ReadCall {
  readonly #read: ClientRead
  readonly #silence: SilenceTimer
  readonly #listener: ReadListener
  #isOver = false
  #isPaused = false

  /** @param silenceMs Longest time without a message before the read counts as failed. */
  constructor(client: GuardedClient, read: ClientRead, silenceMs: number, listener: ReadListener) {
    this.#read = read
    this.#listener = listener
    this.#silence = new SilenceTimer(silenceMs, () => {
      if (this.#isPaused) return
      this.close()
      listener.onEnd(new CallFailure('no-answer', `Nothing was received for ${silenceMs} ms.`))
    })
    read.on('data', (delivery) => {
      this.#silence.saw()
      if (!this.#isOver) listener.onDelivery(delivery)
    })
    // Stays for good: a failure that comes late must not end the process.
    read.on('error', (failure) => this.#end(failure))
    read.on('end', () => {
      // A client that is closed ends its reads as if they were complete.
      const isCut = client.isClosed
      this.#end(isCut ? new CallFailure('ended-early', 'The read was cut short.') : undefined)
    })
  }

  /** Makes the server wait. */
  pause(): void {
    this.#isPaused = true
    this.#read.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#silence.saw()
    this.#read.resume()
  }

  /** Cancels the call where it is still open. */
  close(): void {
    if (this.#isOver) return
    this.#settle()
    // Fails where the call could not be made in the first place.
    this.#read.cancel().catch(() => undefined)
  }

  #end(failure: Error | undefined): void {
    if (this.#isOver) return
    this.#settle()
    this.#listener.onEnd(failure)
  }

  #settle(): void {
    this.#isOver = true
    this.#silence.stop()
  }
}
