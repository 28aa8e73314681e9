import type { DeadLetter, DeadLetterQueue } from '../../dead-letter/dead-letter-store.ts'
import { causeOf, waitingLetter } from '../../dead-letter/make-letter.ts'
import { holdsSlot, slotOf, type SlotRange } from '../../read-model/slots.ts'
import type { FoldPlan, HeldEvent } from '../fold/fold-plan.ts'
import type { DocumentName, ProjectionHandlerError } from '../projection-errors.ts'

interface HeldQueue {
  readonly queue: DeadLetterQueue
  /** Events from here on wait. */
  readonly from: bigint
  /** Why the event at `from` failed; undefined where that is stored already. */
  readonly cause: unknown
  /** When its oldest letter is tried again, in milliseconds since the epoch; undefined: when somebody says so. */
  dueAt: number | undefined
}

/** The documents of a segment whose events go to dead letters, since one before them is there. */
export class HeldQueues {
  readonly #consumer: string
  readonly #slots: SlotRange
  readonly #firstDelayMs: number | undefined
  readonly #queues = new Map<string, HeldQueue>()

  /** @param firstDelayMs Before an event that failed is tried again; undefined: it never is. */
  constructor(consumer: string, slots: SlotRange, firstDelayMs: number | undefined) {
    this.#consumer = consumer
    this.#slots = slots
    this.#firstDelayMs = firstDelayMs
  }

  get size(): number {
    return this.#queues.size
  }

  /** When the first queue is due, in milliseconds since the epoch. */
  get nextDueAt(): number | undefined {
    let next: number | undefined
    for (const { dueAt } of this.#queues.values())
      if (dueAt !== undefined && (next === undefined || dueAt < next)) next = dueAt
    return next
  }

  /** Takes over what the store has: the oldest letter of each queue. */
  load(heads: readonly DeadLetter[]): void {
    this.#queues.clear()
    for (const { queue, state, dueAt } of heads)
      if (queue.model !== undefined)
        this.#queues.set(keyOf({ model: queue.model, id: queue.key }), {
          queue,
          from: 0n,
          cause: undefined,
          // With nothing in front of it any more, a letter that waits is due.
          dueAt: state === 'dead' ? undefined : (dueAt?.getTime() ?? 0),
        })
  }

  /** Tells what to do with an event; for {@link PlanScope.route}. */
  readonly route = (document: DocumentName, position: bigint): 'take' | 'hold' => {
    const held = this.#queues.get(keyOf(document))
    return held !== undefined && position >= held.from ? 'hold' : 'take'
  }

  /**
   * Holds a document from an event on.
   *
   * @returns Whether that is new; false: it is held from there or before, so the event cannot have failed.
   */
  hold(document: DocumentName, from: bigint, cause: unknown): boolean {
    const known = this.#queues.get(keyOf(document))
    if (known && known.from <= from) return false
    const queue = { consumer: this.#consumer, model: document.model, key: document.id }
    this.#queues.set(keyOf(document), { queue, from, cause, dueAt: this.#firstDueAt() })
    return true
  }

  /** The queues that are due. */
  due(now: number): readonly DeadLetterQueue[] {
    return [...this.#queues.values()]
      .filter(({ dueAt }) => dueAt !== undefined && dueAt <= now)
      .map(({ queue }) => queue)
  }

  /** Notes when a queue is tried again; undefined: when somebody says so. */
  postpone(queue: DeadLetterQueue, dueAt: Date | undefined): void {
    const held = this.#queues.get(keyOf({ model: queue.model ?? '', id: queue.key }))
    if (held) held.dueAt = dueAt?.getTime()
  }

  /** Lets a document's events through again. */
  letGo(queue: DeadLetterQueue): void {
    this.#queues.delete(keyOf({ model: queue.model ?? '', id: queue.key }))
  }

  /** Makes the letters of a plan: of the events it holds, and of those whose documents nobody can say. */
  lettersOf({ held, misread }: FoldPlan, now: Date): readonly DeadLetter[] {
    return [
      ...held.map((event) => this.#letterOf(event, now)),
      ...misread
        .filter(({ event }) => holdsSlot(this.#slots, slotOf(event.stream)))
        .map((failure) => this.#misreadLetter(failure, now)),
    ]
  }

  #letterOf({ document, recorded }: HeldEvent, since: Date): DeadLetter {
    const { queue, from, cause } = this.#queues.get(keyOf(document)) as HeldQueue
    const slot = slotOf(document.id)
    if (cause === undefined || recorded.position !== from)
      return waitingLetter(queue, recorded, slot, since)
    const dueAt = this.#firstDueAt()
    return {
      ...waitingLetter(queue, recorded, slot, since),
      state: dueAt === undefined ? 'dead' : 'retrying',
      attempts: 1,
      cause: causeOf(cause),
      dueAt: dueAt === undefined ? undefined : new Date(dueAt),
    }
  }

  /** Its key function failed, which trying again will not mend: only other code, and a rebuild with that. */
  #misreadLetter({ event, cause }: ProjectionHandlerError, since: Date): DeadLetter {
    const queue = { consumer: this.#consumer, model: undefined, key: event.stream }
    const slot = slotOf(event.stream)
    return {
      ...waitingLetter(queue, event, slot, since),
      state: 'dead',
      attempts: 1,
      cause: causeOf(cause),
    }
  }

  #firstDueAt(): number | undefined {
    return this.#firstDelayMs === undefined ? undefined : Date.now() + this.#firstDelayMs
  }
}

function keyOf({ model, id }: DocumentName): string {
  return `${model}\0${id}`
}
