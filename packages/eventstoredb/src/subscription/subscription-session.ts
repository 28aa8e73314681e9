import type { RecordedEvent } from '@varve/core'
import type { ClientLease } from '../connection/client-pool.ts'
import { CallFailure } from '../failure/call-failure.ts'
import { isConnectionInDoubt } from '../failure/classify-failure.ts'
import { withTimeLimit } from '../failure/time-limit.ts'
import { Marker, type ClientSubscription, type SubscriptionSource } from './subscription-source.ts'
import { Watchdog, type WatchdogTimes } from './watchdog.ts'

const longestFarewellMs = 1000

/** Who hears what comes from a session. */
export interface SessionListener {
  onConfirmed(): void
  onEvent(event: RecordedEvent): void
  onMoved(): void
  onCaughtUp(): void
  onFellBehind(): void
  onStalled(): void
  /** Whether the consumer has as much as it can hold. */
  isFull(): boolean
}

/** One connection of a subscription, from subscribing to losing it. */
export class SubscriptionSession {
  readonly #source: SubscriptionSource
  readonly #lease: ClientLease
  readonly #listener: SessionListener
  readonly #watchdog: Watchdog
  #subscription: ClientSubscription | undefined
  #isOver = false
  #isPaused = false
  #end: (cause: unknown) => void = () => undefined

  constructor(
    source: SubscriptionSource,
    lease: ClientLease,
    listener: SessionListener,
    times: WatchdogTimes,
  ) {
    this.#source = source
    this.#lease = lease
    this.#listener = listener
    this.#watchdog = new Watchdog(times, {
      probe: () => source.probe(lease.client, times.answerMs),
      isExcused: () => this.#isPaused,
      onMoved: (position) => {
        if (source.advance(position)) listener.onMoved()
      },
      onAtEnd: () => listener.onCaughtUp(),
      onStalled: () => listener.onStalled(),
      onLost: (cause) => this.#end(cause),
    })
  }

  /** Whether the server is made to wait for the consumer. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Runs until the connection is lost, or ended; returns why. Never rejects. */
  async run(): Promise<unknown> {
    const cause = await new Promise<unknown>((resolve) => {
      this.#end = resolve
      try {
        this.#listen((this.#subscription = this.#source.open(this.#lease.client)))
        this.#watchdog.start()
      } catch (failure) {
        resolve(failure)
      }
    })
    this.#isOver = true
    this.#watchdog.stop()
    if (isConnectionInDoubt(cause)) this.#lease.retire()
    const farewell = this.#subscription?.unsubscribe()
    // Fails, or hangs, where the call could not be made in the first place.
    if (farewell) await withTimeLimit(farewell, longestFarewellMs).catch(() => undefined)
    this.#lease.release()
    return cause
  }

  /** Ends the session. */
  end(): void {
    this.#end(undefined)
  }

  /** Lets the server go on once the consumer has taken what was there. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#watchdog.sawMessage()
    this.#subscription?.resume()
  }

  #listen(subscription: ClientSubscription): void {
    const unlessOver = (react: () => void) => (): void => {
      this.#watchdog.sawMessage()
      if (!this.#isOver) react()
    }
    subscription.on('data', (message) => {
      if (!this.#isOver) this.#accept(subscription, message)
    })
    // Stays for good: a failure that comes late must not end the process.
    subscription.on('error', (failure) => this.#end(failure))
    subscription.on('end', () =>
      this.#end(new CallFailure('ended-early', 'The server ended the subscription.')),
    )
    subscription.on(
      'confirmation',
      unlessOver(() => {
        this.#watchdog.sawConfirmation()
        this.#listener.onConfirmed()
      }),
    )
    // Told as soon as it is received, which may be before the events ahead of it are delivered.
    subscription.on(
      'caughtUp',
      unlessOver(() => subscription.push(new Marker(undefined))),
    )
    subscription.on(
      'fellBehind',
      unlessOver(() => this.#listener.onFellBehind()),
    )
  }

  #accept(
    subscription: ClientSubscription,
    message: Parameters<SubscriptionSource['accept']>[0] | Marker,
  ): void {
    this.#watchdog.sawMessage()
    if (message instanceof Marker) {
      if (message.checkpoint === undefined) this.#listener.onCaughtUp()
      else if (this.#source.advance(message.checkpoint)) this.#listener.onMoved()
      return
    }
    const event = this.#source.accept(message)
    if (event) this.#listener.onEvent(event)
    else this.#listener.onMoved()
    if (!this.#listener.isFull() || this.#isPaused) return
    this.#isPaused = true
    subscription.pause()
  }
}
