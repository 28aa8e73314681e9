import type { Socket } from 'node:net'
import { healthy, type NetworkConditions } from './network-conditions.ts'

/** Read ahead of what may pass; beyond it the sender feels the jam. */
const mostQueuedBytes = 256 * 1024

interface Passenger {
  /** Undefined: the sender's end. */
  readonly chunk: Buffer | undefined
  readonly arrivedAt: number
}

/** Carries the bytes of one direction of a connection, in order, as the network allows. */
export class OneWay {
  readonly #from: Socket
  readonly #to: Socket
  readonly #queue: Passenger[] = []
  #conditions = healthy
  #queuedBytes = 0
  #freeAt = 0
  #timer: NodeJS.Timeout | undefined
  #isBlocked = false

  constructor(from: Socket, to: Socket) {
    this.#from = from
    this.#to = to
    from.on('data', (chunk: Buffer) => this.#enqueue(chunk))
    from.on('end', () => this.#enqueue(undefined))
    to.on('drain', () => {
      this.#isBlocked = false
      this.#forward()
    })
    to.on('close', () => clearTimeout(this.#timer))
  }

  change(conditions: NetworkConditions): void {
    this.#conditions = conditions
    this.#forward()
  }

  #enqueue(chunk: Buffer | undefined): void {
    this.#queue.push({ chunk, arrivedAt: performance.now() })
    this.#queuedBytes += chunk?.length ?? 0
    if (this.#queuedBytes > mostQueuedBytes) this.#from.pause()
    this.#forward()
  }

  #forward(): void {
    clearTimeout(this.#timer)
    while (!this.#isBlocked && !this.#conditions.isHeld) {
      const [next] = this.#queue
      if (!next || this.#to.destroyed) return
      const now = performance.now()
      const waitMs = Math.max(next.arrivedAt + this.#conditions.delayMs, this.#freeAt) - now
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#forward(), Math.ceil(waitMs))
        return
      }
      this.#queue.shift()
      this.#pass(next, now)
    }
  }

  #pass({ chunk }: Passenger, now: number): void {
    if (!chunk) {
      this.#to.end()
      return
    }
    this.#freeAt = now + (chunk.length / this.#conditions.bytesPerSecond) * 1000
    this.#queuedBytes -= chunk.length
    if (this.#queuedBytes <= mostQueuedBytes) this.#from.resume()
    this.#isBlocked = !this.#to.write(chunk)
  }
}
