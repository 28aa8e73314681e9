import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import type { SlotRange } from '../read-model/slots.ts'

/**
 * Where letters wait: those of one document in the order of their events, the oldest first.
 *
 * What folds events into documents names the document; what handles events one by one names the stream.
 */
export interface DeadLetterQueue {
  /**
   * Who could not apply the events: a checkpoint id, `<projection>__v<version>_<number>`, for a projection, and
   * `event-handler:<name>` for an event handler.
   */
  readonly consumer: string
  /** Read model of the document; undefined where the letters are not for a document. */
  readonly model: string | undefined
  /** Id of the document, or name of the stream. */
  readonly key: string
}

/**
 * What is to become of a letter.
 *
 * - `retrying`: it failed and is tried again at `dueAt`.
 * - `waiting`: it did not fail, but stands behind one of the same queue that did.
 * - `dead`: it failed in every try and waits for somebody to say `retry` or `discard`.
 * - `discarded`: somebody gave it up; whoever works on the queue removes it and goes on with the next.
 */
export type DeadLetterState = 'retrying' | 'waiting' | 'dead' | 'discarded'

/** Why an event could not be applied, as text: letters outlive processes. */
export interface DeadLetterCause {
  readonly name: string
  /** Stable code, where the error had one. */
  readonly code?: string
  readonly message: string
  readonly stack?: string
}

/** How far an event handler is with the event of a letter. */
export interface LetterDelivery {
  /** Whether the handler was past the event before, and was set back on purpose. */
  readonly isReplay: boolean
  /** How many of the events it stands for are handled. */
  readonly parts: number
}

/** An event that could not be applied, kept with its cause. */
export interface DeadLetter {
  readonly queue: DeadLetterQueue
  /** The whole event, as it was read: a letter needs no log to be applied. */
  readonly event: RecordedEvent
  /** Slot of the key. */
  readonly slot: number
  readonly state: DeadLetterState
  /** Failed tries so far. */
  readonly attempts: number
  /** The last failure; undefined where the event only waits behind another. */
  readonly cause: DeadLetterCause | undefined
  /** When it is tried again; undefined unless `retrying`. */
  readonly dueAt: Date | undefined
  /** When it came here. */
  readonly since: Date
  /** How often somebody, or the end of what stood in front, had it tried again; undefined: never. The store counts. */
  readonly round?: number
  /** Of event handlers alone. */
  readonly delivery?: LetterDelivery
}

/** Which letters are meant. */
export interface DeadLetterFilter {
  readonly consumer: string
  readonly model?: string
  readonly key?: string
  readonly slots?: SlotRange
}

/** Which letters are looked for. */
export interface DeadLetterSearch extends DeadLetterFilter {
  /** Only those of this stream's events. */
  readonly stream?: StreamName
}

/** Names one letter: its queue and the position of its event there. */
export interface DeadLetterId {
  readonly queue: DeadLetterQueue
  readonly position: bigint
}

/**
 * Keeps the events that could not be applied, in order, until somebody mends the cause.
 *
 * A projection adds and removes its letters in the commit that moves its checkpoint
 * ({@link ReadModelCommit}), so no event is ever in neither place. Other consumers use {@link put} and
 * {@link remove} before they move theirs.
 */
export interface DeadLetterStore {
  /** Yields letters in pages: by queue (model, then key), oldest event first. Discarded ones are left out. */
  list(filter: DeadLetterSearch): AsyncIterable<readonly DeadLetter[]>

  /** Counts letters, those that wait behind others included and discarded ones left out. */
  count(filter: DeadLetterFilter): Promise<number>

  /**
   * Returns the queues that hold letters of any state, each with its oldest letter; by model, then key.
   * Whoever works on a range of slots asks this at its start, and while it has queues to see what is due.
   */
  heads(filter: DeadLetterFilter): Promise<readonly DeadLetter[]>

  /** Returns the letters of one queue, discarded ones included, oldest first. */
  queue(queue: DeadLetterQueue, limit: number): Promise<readonly DeadLetter[]>

  /**
   * Adds letters, or replaces those of the same queue and position. Idempotent; keeps `since` of the first time.
   * A discarded letter stays as it is: somebody gave it up while it was being tried. So does one of a later round:
   * somebody had it tried again meanwhile, and knows more than the try before.
   */
  put(letters: readonly DeadLetter[]): Promise<void>

  /** Removes letters; those that are gone already are passed over. */
  remove(letters: readonly DeadLetterId[]): Promise<void>

  /**
   * Has the oldest letter of each queue tried again at once, with as many tries as a new one.
   *
   * @returns How many queues that were.
   */
  retry(filter: DeadLetterFilter): Promise<number>

  /**
   * Gives letters up: all that match, or only the one at `position`. What stands behind is tried at once.
   *
   * @returns How many letters that were.
   */
  discard(filter: DeadLetterFilter, position?: bigint): Promise<number>

  /** Removes all letters of a consumer. */
  clear(consumer: string): Promise<void>
}
