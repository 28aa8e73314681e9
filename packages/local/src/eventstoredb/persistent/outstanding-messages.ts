import type { GroupMessage } from './group-message.ts'

interface Outstanding {
  readonly message: GroupMessage
  readonly deadline: number
}

/** Messages a group has sent and nobody has answered yet, with the time until which it waits. */
export class OutstandingMessages {
  readonly #messages = new Map<string, Outstanding>()
  #timer: NodeJS.Timeout | undefined

  /**
   * @param timeoutMs How long to wait for an answer; 0 for ever.
   * @param expired Told the messages whose time is over; they stay until finished.
   */
  constructor(
    private readonly timeoutMs: number,
    private readonly expired: (messages: readonly GroupMessage[]) => void,
  ) {}

  get size(): number {
    return this.#messages.size
  }

  /** The message with this id. */
  get(id: string): GroupMessage | undefined {
    return this.#messages.get(id)?.message
  }

  /** Starts waiting for an answer. */
  start(message: GroupMessage): void {
    const deadline = this.timeoutMs > 0 ? Date.now() + this.timeoutMs : Infinity
    this.#messages.delete(message.id)
    this.#messages.set(message.id, { message, deadline })
    if (deadline < Infinity) this.#arm()
  }

  /** Keeps a message outstanding without waiting for an answer. */
  hold(message: GroupMessage): void {
    this.#messages.set(message.id, { message, deadline: Infinity })
  }

  /** The message is done with; false when it was already. */
  finish(id: string): boolean {
    return this.#messages.delete(id)
  }

  /** The lowest cursor of an outstanding message, Infinity without one. */
  lowestCursor(): number {
    let lowest = Infinity
    for (const { message } of this.#messages.values()) {
      lowest = Math.min(lowest, message.cursor ?? Infinity)
    }
    return lowest
  }

  /** Stops the clock. */
  close(): void {
    clearTimeout(this.#timer)
    this.#messages.clear()
  }

  #arm(): void {
    if (this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#expire()
    }, this.timeoutMs).unref()
  }

  #expire(): void {
    const now = Date.now()
    const late: GroupMessage[] = []
    let next = Infinity
    for (const { message, deadline } of this.#messages.values()) {
      if (deadline <= now) late.push(message)
      else next = Math.min(next, deadline)
    }
    if (next < Infinity) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#expire()
      }, next - now).unref()
    }
    if (late.length > 0) this.expired(late)
  }
}
