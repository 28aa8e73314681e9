import type { Delivery } from '../read/delivery.ts'
import type { ClientRead } from '../read/read-call.ts'

/**
 * A read that comes as a generator, as a stream that can be paused and cancelled.
 *
 * The generator cannot be told to stop: what is left of the call would stay open until it is collected as
 * garbage. So a read that is cancelled is read to its end, without effect; pages bound how much that is.
 */
export class GeneratorRead implements ClientRead {
  readonly #deliveries: AsyncIterable<Delivery>
  readonly #listeners = new Map<string, (value: never) => void>()
  #isCancelled = false
  #resumed: Promise<void> | undefined
  #resume: () => void = () => undefined

  constructor(deliveries: AsyncIterable<Delivery>) {
    this.#deliveries = deliveries
    // Whoever reads listens before anything is told.
    queueMicrotask(() => void this.#run())
  }

  on(event: 'data' | 'error' | 'end', listener: (value: never) => void): this {
    this.#listeners.set(event, listener)
    return this
  }

  pause(): void {
    this.#resumed ??= new Promise((resolve) => (this.#resume = resolve))
  }

  resume(): void {
    this.#resume()
    this.#resumed = undefined
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true
    this.resume()
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    try {
      for await (const delivery of this.#deliveries) {
        if (this.#isCancelled) continue
        this.#tell('data', delivery)
        await this.#resumed
      }
      this.#tell('end', undefined)
    } catch (failure) {
      this.#tell('error', failure)
    }
  }

  #tell(event: string, value: unknown): void {
    if (!this.#isCancelled) this.#listeners.get(event)?.(value as never)
  }
}
