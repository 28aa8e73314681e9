import {
  type Clock,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterId,
  type DeadLetterQueue,
  type DeadLetterSearch,
  type DeadLetterStore,
  systemClock,
} from '@varve/core'
import { copyLetters } from './copy-letters.ts'
import { LetterQueues } from './letter-queues.ts'

/** Options of {@link InMemoryDeadLetterStore}. */
export interface InMemoryDeadLetterStoreOptions {
  /** Says when a letter is due that is tried again at once. Default: the machine's clock. */
  readonly clock?: Clock
}

const pageSize = 100

/**
 * Dead letters in memory: the fast target of tests, and the smallest example of writing a store.
 *
 * Letters are copied when they come in and when they go out.
 */
export class InMemoryDeadLetterStore implements DeadLetterStore {
  readonly #queues: LetterQueues
  readonly #clock: Clock

  /** @param queues Where the letters are, when a read-model store has them in its commits. */
  constructor(options: InMemoryDeadLetterStoreOptions = {}, queues = new LetterQueues()) {
    this.#clock = options.clock ?? systemClock
    this.#queues = queues
  }

  async *list({
    stream,
    ...filter
  }: DeadLetterSearch): AsyncGenerator<readonly DeadLetter[], undefined> {
    const letters = this.#queues
      .matching(filter)
      .flat()
      .filter(isOpen)
      .filter(({ event }) => stream === undefined || event.stream === stream)
    for (let at = 0; at < letters.length; at += pageSize)
      yield structuredClone(letters.slice(at, at + pageSize))
  }

  async count(filter: DeadLetterFilter): Promise<number> {
    return this.#queues.matching(filter).flat().filter(isOpen).length
  }

  async heads(filter: DeadLetterFilter): Promise<readonly DeadLetter[]> {
    return structuredClone(this.#queues.matching(filter).flatMap((letters) => letters.slice(0, 1)))
  }

  async queue(queue: DeadLetterQueue, limit: number): Promise<readonly DeadLetter[]> {
    return structuredClone(this.#queues.of(queue).slice(0, limit))
  }

  /** @throws {DeadLetterTooLargeError} An event is over the limit of MongoDB, which is kept here too. */
  async put(letters: readonly DeadLetter[]): Promise<void> {
    for (const letter of copyLetters(letters)) this.#queues.put(letter)
  }

  async remove(letters: readonly DeadLetterId[]): Promise<void> {
    for (const letter of letters) this.#queues.remove(letter)
  }

  async retry(filter: DeadLetterFilter): Promise<number> {
    const open = this.#queues.matching(filter).flatMap((letters) => letters.find(isOpen) ?? [])
    for (const letter of open) this.#tryAtOnce(letter)
    return open.length
  }

  async discard(filter: DeadLetterFilter, position?: bigint): Promise<number> {
    let discarded = 0
    for (const letters of this.#queues.matching(filter)) {
      const meant = letters.filter(
        (letter) =>
          isOpen(letter) && (position === undefined || letter.event.position === position),
      )
      for (const letter of meant)
        this.#queues.put({ ...letter, state: 'discarded', dueAt: undefined })
      const next = letters.find((letter) => isOpen(letter) && !meant.includes(letter))
      if (meant.length > 0 && next?.state === 'waiting') this.#tryAtOnce(next)
      discarded += meant.length
    }
    return discarded
  }

  async clear(consumer: string): Promise<void> {
    this.#queues.clear(consumer)
  }

  #tryAtOnce(letter: DeadLetter): void {
    const round = (letter.round ?? 0) + 1
    this.#queues.put({ ...letter, state: 'retrying', attempts: 0, dueAt: this.#clock.now(), round })
  }
}

function isOpen({ state }: DeadLetter): boolean {
  return state !== 'discarded'
}
