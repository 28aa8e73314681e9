import type {
  DeadLetter,
  DeadLetterId,
  DeadLetterQueue,
  DeadLetterStore,
} from '../dead-letter/dead-letter-store.ts'
import {
  type HandlerInterruptedCallError,
  HandlerLetterLimitError,
} from './event-handler-errors.ts'
import { type StoreRetries, untilStored } from './until-stored.ts'

/** What {@link HeldStreams} needs. */
export interface HeldStreamsOptions {
  readonly handler: string
  readonly store: DeadLetterStore
  /** Most letters of the handler. */
  readonly maxDeadLetters: number
  readonly storing: StoreRetries
}

interface HeldStream {
  readonly queue: DeadLetterQueue
  /** Events from here on wait. */
  readonly from: bigint
  /** When its oldest letter is tried, in milliseconds since the epoch; undefined: when somebody says so. */
  readonly dueAt: number | undefined
}

const interruptedCallCode: HandlerInterruptedCallError['code'] = 'HANDLER_INTERRUPTED_CALL'
const lookMs = 1_000
const lettersAtOnce = 100

/** Whose letters an event handler's are. */
export function letterConsumer(handler: string): string {
  return `event-handler:${handler}`
}

/** Names a letter. */
export function idOf({ queue, event }: DeadLetter): DeadLetterId {
  return { queue, position: event.position }
}

/** Such a letter is put before the progress is moved, and the progress before the call is made. */
function isOfCall({ state, cause }: DeadLetter): boolean {
  return state === 'dead' && cause?.code === interruptedCallCode
}

/** The streams whose events go to dead letters, since one before them is there. */
export class HeldStreams {
  readonly #options: HeldStreamsOptions
  readonly #consumer: string
  readonly #held = new Map<string, HeldStream>()
  /** Positions of letters that are there although the progress is before them. */
  readonly #ahead = new Set<bigint>()
  #letters = 0
  #lookedAt = 0

  constructor(options: HeldStreamsOptions) {
    this.#options = options
    this.#consumer = letterConsumer(options.handler)
  }

  /**
   * Takes over the letters that wait.
   *
   * @param position How far the handler is: letters behind that are of events that come again.
   */
  async open(position: bigint | undefined): Promise<void> {
    await this.look()
    if (this.#held.size === 0) return
    const uncalled: DeadLetterId[] = []
    for await (const page of this.#options.store.list({ consumer: this.#consumer }))
      for (const letter of page) {
        const { event } = letter
        this.#letters += 1
        if (position !== undefined && event.position <= position) continue
        if (isOfCall(letter)) uncalled.push(idOf(letter))
        else this.#ahead.add(event.position)
      }
    if (uncalled.length > 0) {
      await this.remove(uncalled)
      await this.look()
    }
    this.expectChores()
  }

  /** When there is something to look for, in milliseconds since the epoch; undefined: never. */
  get choreAt(): number | undefined {
    if (this.#held.size === 0 && this.#lookedAt > 0) return undefined
    let at = this.#lookedAt + lookMs
    // What was due at the last look already waits for more than time.
    for (const { dueAt } of this.#held.values())
      if (dueAt !== undefined && dueAt >= this.#lookedAt) at = Math.min(at, dueAt)
    return at
  }

  /** Makes a look due at once: somebody may have said what is to become of letters. */
  expectChores(): void {
    this.#lookedAt = 0
  }

  /** Looks which streams are held, and what became of their oldest letters. */
  async look(): Promise<void> {
    const heads = await this.#stored((store) => store.heads({ consumer: this.#consumer }))
    this.#held.clear()
    for (const head of heads) this.note(head)
    this.#lookedAt = Date.now()
  }

  /** Streams whose oldest letter is due. */
  due(now: number): readonly DeadLetterQueue[] {
    return [...this.#held.values()]
      .filter(({ dueAt }) => dueAt !== undefined && dueAt <= now)
      .map(({ queue }) => queue)
  }

  /** The oldest letters of a stream, given up ones included. */
  lettersOf(queue: DeadLetterQueue): Promise<readonly DeadLetter[]> {
    return this.#stored((store) => store.queue(queue, lettersAtOnce))
  }

  /** Where the letters of a stream wait. */
  queueOf(stream: string): DeadLetterQueue {
    return { consumer: this.#consumer, model: undefined, key: stream }
  }

  /** Tells whether an event has to wait behind another one of its stream. */
  holds(stream: string, position: bigint): boolean {
    const held = this.#held.get(stream)
    return held !== undefined && position >= held.from
  }

  /** Tells whether the letter of an event was there before this session, whose progress is behind it. */
  isThere(position: bigint): boolean {
    return this.#ahead.has(position)
  }

  /**
   * Adds a letter.
   *
   * @throws {HandlerLetterLimitError} There are as many as may be.
   * @throws {DeadLetterTooLargeError}
   */
  async add(letter: DeadLetter): Promise<void> {
    await this.#checkLimit()
    await this.put(letter)
    this.#letters += 1
  }

  /** Replaces a letter that is there. */
  async put(letter: DeadLetter): Promise<void> {
    await this.#stored((store) => store.put([letter]))
    if (letter.state !== 'waiting') this.note(letter)
  }

  /** Removes letters that are done with. */
  async remove(letters: readonly DeadLetterId[]): Promise<void> {
    await this.#stored((store) => store.remove(letters))
    this.#letters -= letters.length
    for (const { position } of letters) this.#ahead.delete(position)
  }

  /** Lets the events of a stream through again. */
  letGo(stream: string): void {
    this.#held.delete(stream)
  }

  /** Notes the oldest letter of a stream. */
  note({ queue, event, state, dueAt }: DeadLetter): void {
    this.#held.set(queue.key, {
      queue,
      from: event.position,
      // With nothing in front of it any more, a letter that waits is due.
      dueAt: state === 'dead' ? undefined : (dueAt?.getTime() ?? 0),
    })
  }

  async #checkLimit(): Promise<void> {
    const { handler, maxDeadLetters } = this.#options
    if (this.#letters < maxDeadLetters) return
    this.#letters = await this.#stored((store) => store.count({ consumer: this.#consumer }))
    if (this.#letters >= maxDeadLetters) throw new HandlerLetterLimitError(handler, maxDeadLetters)
  }

  #stored<Result>(call: (store: DeadLetterStore) => Promise<Result>): Promise<Result> {
    return untilStored(() => call(this.#options.store), this.#options.storing)
  }
}
