import type { NackAction } from '@varve/core'
import type { ClientLease } from '../connection/client-pool.ts'
import { CallFailure } from '../failure/call-failure.ts'
import { isConnectionInDoubt, isTransient } from '../failure/classify-failure.ts'
import { withTimeLimit } from '../failure/time-limit.ts'
import { Watchdog, type WatchdogTimes } from '../subscription/watchdog.ts'
import type { ConsumerCall, GroupDelivery } from './consumer-call.ts'
import type { GroupCommands } from './group-commands.ts'

const longestFarewellMs = 1000

/** Who hears what comes from a session. */
export interface ConsumerSessionListener {
  onConfirmed(): void
  onDelivery(message: GroupDelivery): void
}

/** What a {@link ConsumerSession} works with. */
export interface ConsumerSessionOptions {
  readonly lease: ClientLease
  readonly commands: GroupCommands
  readonly bufferSize: number
  readonly times: WatchdogTimes
}

/** One connection of a consumer, from joining the group to losing it. */
export class ConsumerSession {
  readonly #options: ConsumerSessionOptions
  readonly #listener: ConsumerSessionListener
  readonly #watchdog: Watchdog
  readonly #failAnswers = new Set<(cause: unknown) => void>()
  #call: ConsumerCall | undefined
  #hasSent = false
  #over: { readonly cause: unknown } | undefined
  #end: (cause: unknown) => void = () => undefined

  constructor(options: ConsumerSessionOptions, listener: ConsumerSessionListener) {
    this.#options = options
    this.#listener = listener
    this.#watchdog = new Watchdog(options.times, {
      probe: () => this.#probe(),
      isExcused: () => false,
      onMoved: () => undefined,
      onAtEnd: () => undefined,
      onStalled: () => undefined,
      onLost: (cause) => this.#end(cause),
    })
  }

  /** Runs until the connection is lost, or ended; returns why. Never rejects. */
  async run(): Promise<unknown> {
    const { commands, bufferSize, lease } = this.#options
    const cause = await new Promise<unknown>((resolve) => {
      this.#end = resolve
      try {
        this.#listen((this.#call = commands.consume(bufferSize)))
        this.#watchdog.start()
      } catch (failure) {
        resolve(failure)
      }
    })
    this.#over = { cause }
    this.#watchdog.stop()
    for (const fail of this.#failAnswers) fail(cause)
    if (isConnectionInDoubt(cause)) lease.retire()
    const farewell = this.#call?.unsubscribe()
    // Fails, or hangs, where the call could not be made in the first place.
    if (farewell) await withTimeLimit(farewell, longestFarewellMs).catch(() => undefined)
    lease.release()
    return cause
  }

  /** Ends the session. */
  end(): void {
    this.#end(undefined)
  }

  /**
   * Sends an answer; the client itself would wait for ever once the connection is lost.
   *
   * @throws Whatever ended the session.
   */
  async answer(message: GroupDelivery, action: 'ack' | NackAction, reason: string): Promise<void> {
    if (this.#over) throw this.#over.cause
    const call = this.#call
    if (!call) return
    this.#hasSent = true
    await new Promise<void>((resolve, reject) => {
      this.#failAnswers.add(reject)
      const sent = action === 'ack' ? call.ack(message) : call.nack(action, reason, message)
      sent.then(resolve, reject).finally(() => this.#failAnswers.delete(reject))
    })
  }

  /**
   * Lets the answers that were sent arrive: leaving right after them would overtake them. The connection keeps
   * the order, so what the server says to this comes after them.
   */
  async flush(): Promise<void> {
    if (this.#over || !this.#hasSent) return
    this.#hasSent = false
    const { commands } = this.#options
    await withTimeLimit(commands.describe(), longestFarewellMs).catch(() => undefined)
  }

  async #probe(): Promise<{ isBehind: false; isAtEnd: false; upTo: undefined }> {
    const { commands, times } = this.#options
    try {
      await withTimeLimit(commands.describe(), times.answerMs)
    } catch (failure) {
      // A refusal is an answer too: who may consume need not be allowed to ask.
      if (isTransient(failure)) throw failure
    }
    return { isBehind: false, isAtEnd: false, upTo: undefined }
  }

  #listen(call: ConsumerCall): void {
    call.on('data', (message) => {
      this.#watchdog.sawMessage()
      if (!this.#over) this.#listener.onDelivery(message)
    })
    // Stays for good: a failure that comes late must not end the process.
    call.on('error', (failure) => this.#end(failure))
    call.on('end', () =>
      this.#end(new CallFailure('ended-early', 'The server ended the consumer.')),
    )
    call.on('confirmation', () => {
      this.#watchdog.sawConfirmation()
      if (!this.#over) this.#listener.onConfirmed()
    })
  }
}
