import {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterId,
  type DeadLetterQueue,
  holdsSlot,
} from '@varve/core'
import { compareText } from '../compare-text.ts'

/** The letters of one queue, oldest event first; replaced when they change, never written into. */
type Letters = readonly DeadLetter[]

/** Letters by queue. */
export class LetterQueues {
  readonly #queues = new Map<string, Letters>()
  /** Letters that were given up and settled, by the consumers they were of. */
  readonly #givenUp = new Map<string, Set<string>>()

  /** The queues a filter is about, by model and key; those without a model first. */
  matching(filter: DeadLetterFilter): readonly Letters[] {
    const found = [...this.#queues.values()].filter(([head]) => head && matches(head, filter))
    return found.sort(([a], [b]) => (a && b ? compareQueues(a.queue, b.queue) : 0))
  }

  of(queue: DeadLetterQueue): Letters {
    return this.#queues.get(nameOf(queue)) ?? []
  }

  /**
   * Adds a letter, or replaces the one of the same queue and position, unless that was given up or had tried again since;
   * keeps when that came.
   */
  put(letter: DeadLetter): void {
    const { position } = letter.event
    if (this.#givenUp.get(letter.queue.consumer)?.has(nameOfLetter(letter.queue, position))) return
    const found = this.of(letter.queue)
    // Nearly always: queues grow at their end.
    if ((found.at(-1)?.event.position ?? -1n) < position) {
      this.#queues.set(nameOf(letter.queue), [...found, letter])
      return
    }
    const known = found.find(({ event }) => event.position === position)
    if (known && (known.state === 'discarded' || roundOf(known) > roundOf(letter))) return
    const own = { ...letter, since: known?.since ?? letter.since }
    this.#queues.set(nameOf(letter.queue), [
      ...found.filter(({ event }) => event.position < position),
      own,
      ...found.filter(({ event }) => event.position > position),
    ])
  }

  remove({ queue, position }: DeadLetterId): void {
    const left = this.of(queue).filter(({ event }) => event.position !== position)
    if (left.length === 0) this.#queues.delete(nameOf(queue))
    else this.#queues.set(nameOf(queue), left)
  }

  /** Removes a letter; one that was given up is never put again. */
  settle(id: DeadLetterId): void {
    const { queue, position } = id
    const known = this.of(queue).find(({ event }) => event.position === position)
    this.remove(id)
    if (known?.state !== 'discarded') return
    const givenUp = this.#givenUp.get(queue.consumer) ?? new Set()
    this.#givenUp.set(queue.consumer, givenUp.add(nameOfLetter(queue, position)))
  }

  clear(consumer: string): void {
    this.#givenUp.delete(consumer)
    for (const [name, [head]] of this.#queues)
      if (head?.queue.consumer === consumer) this.#queues.delete(name)
  }
}

function nameOf({ consumer, model, key }: DeadLetterQueue): string {
  return JSON.stringify([consumer, model ?? null, key])
}

function nameOfLetter(queue: DeadLetterQueue, position: bigint): string {
  return `${position} ${nameOf(queue)}`
}

function roundOf({ round = 0 }: DeadLetter): number {
  return round
}

function matches(
  { queue, slot }: DeadLetter,
  { consumer, model, key, slots }: DeadLetterFilter,
): boolean {
  return (
    queue.consumer === consumer &&
    (model === undefined || queue.model === model) &&
    (key === undefined || queue.key === key) &&
    (slots === undefined || holdsSlot(slots, slot))
  )
}

function compareQueues(left: DeadLetterQueue, right: DeadLetterQueue): number {
  return (
    Number(left.model !== undefined) - Number(right.model !== undefined) ||
    compareText(left.model ?? '', right.model ?? '') ||
    compareText(left.key, right.key)
  )
}
