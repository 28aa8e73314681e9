import type { Logger } from '../../environment/logger.ts'
import type {
  DeadLetter,
  DeadLetterId,
  DeadLetterQueue,
  DeadLetterStore,
} from '../../dead-letter/dead-letter-store.ts'
import { causeOf } from '../../dead-letter/make-letter.ts'
import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import { checkpointId } from '../../read-model/generation.ts'
import { DocumentRefusedError } from '../../read-model/read-model-errors.ts'
import type { EventWriter } from './event-writer.ts'
import type { FoldPlan } from '../fold/fold-plan.ts'
import { HeldQueues } from './held-queues.ts'
import {
  DeadLetterLimitError,
  type DocumentName,
  ProjectionHaltedError,
  ProjectionHandlerError,
} from '../projection-errors.ts'
import type { ProjectionMeter } from '../projection-meter.ts'
import type { SegmentWriter } from './segment-writer.ts'

/** How failing events are tried again. */
export interface HoldingWriterOptions {
  readonly deadLetters: DeadLetterStore
  /** Pauses before each further try, in milliseconds. */
  readonly delaysMs: readonly number[]
  /** Most letters of the projection. */
  readonly maxDeadLetters: number
  readonly meter: ProjectionMeter
  readonly logger: Logger
}

const lookMs = 1_000
const lettersAtOnce = 100

/**
 * Writes a segment and never stops at a failing event: it goes to dead letters in the commit of its batch, with all
 * later ones of the same document, and is tried again from there while everything else goes on.
 */
export class HoldingWriter implements EventWriter {
  readonly #options: HoldingWriterOptions
  readonly #consumer: string
  readonly #queues: HeldQueues
  #letters = 0
  #lookedAt = 0

  private constructor(
    readonly segment: SegmentWriter,
    options: HoldingWriterOptions,
  ) {
    this.#options = options
    this.#consumer = checkpointId(segment.generation)
    this.#queues = new HeldQueues(this.#consumer, segment.checkpoint.slots, options.delaysMs[0])
  }

  /** Takes over the letters that wait. */
  static async open(segment: SegmentWriter, options: HoldingWriterOptions): Promise<HoldingWriter> {
    const writer = new HoldingWriter(segment, options)
    await writer.#look()
    await writer.#countLetters()
    return writer
  }

  get holdsLetters(): boolean {
    return this.#letters > 0 || this.#queues.size > 0
  }

  get choreAt(): number | undefined {
    if (this.#queues.size === 0 && this.#lookedAt > 0) return undefined
    return Math.min(this.#lookedAt + lookMs, this.#queues.nextDueAt ?? Infinity)
  }

  /** @throws {ProjectionHaltedError} There are as many dead letters as may be. Nothing of the batch is written. */
  async write(events: readonly RecordedEvent[], position: bigint): Promise<boolean> {
    const { segment } = this
    if (segment.isPast(position)) return true
    for (;;) {
      await segment.prepare(events)
      const route = this.#queues.size === 0 ? undefined : this.#queues.route
      const plan = segment.plan(events, route)
      if (this.#holdMisread(plan)) continue
      const deadLetters = this.#queues.lettersOf(plan, new Date())
      await this.#checkLimit(deadLetters.length)
      try {
        await segment.commit(plan, position, deadLetters.length > 0 ? { deadLetters } : {})
      } catch (error) {
        if (error instanceof DocumentRefusedError && error.id === undefined && events.length > 1)
          return this.#writeHalves(events, position)
        this.#holdFailed(plan, error)
        continue
      }
      this.#noteLetters(deadLetters)
      return true
    }
  }

  expectChores(): void {
    this.#lookedAt = 0
  }

  /** Looks what is due, and tries it again. */
  async doChores(): Promise<void> {
    await this.#look()
    const now = Date.now()
    for (const queue of this.#queues.due(now)) while (await this.#retry(queue));
  }

  async #look(): Promise<void> {
    const { slots } = this.segment.checkpoint
    const { deadLetters } = this.#options
    const heads = await deadLetters.heads({ consumer: this.#consumer, slots })
    this.#queues.load(heads)
    const reached = this.segment.position ?? -1n
    const givenUp = heads.filter(
      ({ queue, state, event }) =>
        // Others come again with their batch, and must be known to be given up then.
        queue.model === undefined && state === 'discarded' && event.position <= reached,
    )
    if (givenUp.length > 0) await deadLetters.remove(givenUp.map(idOf))
    this.#lookedAt = Date.now()
  }

  /** Nobody knows which of the documents the store does not name it refuses. */
  async #writeHalves(events: readonly RecordedEvent[], position: bigint): Promise<boolean> {
    const middle = Math.ceil(events.length / 2)
    const first = events.slice(0, middle)
    await this.write(first, first.at(-1)?.position ?? position)
    return this.write(events.slice(middle), position)
  }

  #holdMisread(plan: FoldPlan): boolean {
    let isNew = false
    for (const { document, event, cause } of plan.misread) {
      if (!document) continue
      isNew = this.#queues.hold(document, event.position, cause) || isNew
      this.#options.meter.add('failures')
    }
    return isNew
  }

  #holdFailed(plan: FoldPlan, error: unknown): void {
    const failed = failedDocuments(plan, error)
    if (failed.length === 0) throw error
    for (const { document, position, cause } of failed)
      if (!this.#queues.hold(document, position, cause)) throw error
    this.#options.meter.add('failures')
  }

  async #checkLimit(more: number): Promise<void> {
    const { maxDeadLetters } = this.#options
    if (more === 0 || this.#letters + more <= maxDeadLetters) return
    await this.#countLetters()
    if (this.#letters + more <= maxDeadLetters) return
    const { projection } = this.segment.generation
    throw new ProjectionHaltedError(projection, {
      cause: new DeadLetterLimitError(projection, maxDeadLetters),
    })
  }

  async #countLetters(): Promise<void> {
    this.#letters = await this.#options.deadLetters.count({ consumer: this.#consumer })
  }

  #noteLetters(letters: readonly DeadLetter[]): void {
    this.#letters += letters.length
    this.#options.meter.add('lettersWritten', letters.length)
    for (const { cause, event, queue } of letters)
      if (cause)
        this.#options.logger.warn(
          'An event failed and waits with all later ones of its document.',
          {
            projection: this.segment.generation.projection,
            queue,
            event: { type: event.type, stream: event.stream, revision: event.revision },
            error: cause,
          },
        )
  }

  /** Works on one queue. Returns whether there is more to do there at once. */
  async #retry(queue: DeadLetterQueue): Promise<boolean> {
    const reached = this.segment.position ?? -1n
    const found = await this.#options.deadLetters.queue(queue, lettersAtOnce)
    // Of a batch that is not committed yet, after a crash: they come again with their batch.
    const letters = found.filter(({ event }) => event.position <= reached)
    if (found.length === 0) this.#queues.letGo(queue)
    if (letters.length === 0) return false
    const open = letters.filter(({ state }) => state !== 'discarded')
    const settled = letters.filter(({ state }) => state === 'discarded').map(idOf)
    const failure = await this.#apply(open, settled)
    if (!failure) return true
    const { failed, cause } = failure
    const before = open.slice(0, open.indexOf(failed))
    const second = before.length > 0 ? await this.#apply(before, settled) : undefined
    if (second) throw new ProjectionHaltedError(this.segment.generation.projection, { cause })
    await this.#postpone(failed, cause, before.length > 0 ? [] : settled)
    return false
  }

  /** Applies letters of one document and settles them; returns the first that fails, and then changes nothing. */
  async #apply(
    letters: readonly DeadLetter[],
    discarded: readonly DeadLetterId[],
  ): Promise<{ readonly failed: DeadLetter; readonly cause: unknown } | undefined> {
    const { segment } = this
    const queue = letters[0]?.queue
    const plan = segment.plan(
      letters.map(({ event }) => event),
      ({ model, id }) => (model === queue?.model && id === queue.key ? 'take' : 'leave'),
    )
    const blame = (error: ProjectionHandlerError) => ({
      failed: letters.find(({ event }) => event.position === error.event.position) as DeadLetter,
      cause: error.cause,
    })
    const misread = plan.misread.find(({ document }) => document)
    if (misread) return blame(misread)
    try {
      const settled = [...discarded, ...letters.map(idOf)]
      await segment.commit(plan, segment.position as bigint, { settled })
      // Those that were given up are not counted.
      this.#letters -= letters.length
      this.#options.meter.add('lettersSettled', settled.length)
      return undefined
    } catch (error) {
      if (error instanceof ProjectionHandlerError) return blame(error)
      if (!(error instanceof DocumentRefusedError)) throw error
      // The store refuses what they come to together: one at a time shows whose fault it is.
      const [first] = letters as [DeadLetter]
      if (letters.length === 1) return { failed: first, cause: error }
      return (await this.#apply([first], discarded)) ?? this.#apply(letters.slice(1), [])
    }
  }

  async #postpone(
    letter: DeadLetter,
    error: unknown,
    settled: readonly DeadLetterId[],
  ): Promise<void> {
    const { delaysMs, logger, meter } = this.#options
    const { segment } = this
    const delay = delaysMs[letter.attempts]
    const dueAt = delay === undefined ? undefined : new Date(Date.now() + delay)
    const attempts = letter.attempts + 1
    const state = dueAt ? 'retrying' : 'dead'
    const again: DeadLetter = { ...letter, state, attempts, dueAt, cause: causeOf(error) }
    const none: FoldPlan = segment.plan([])
    await segment.commit(none, segment.position as bigint, { deadLetters: [again], settled })
    meter.add('failures')
    this.#queues.postpone(letter.queue, dueAt)
    if (!dueAt)
      logger.error(
        'An event failed in every try. It and what is behind it wait to be retried or discarded.',
        {
          projection: segment.generation.projection,
          queue: letter.queue,
          error,
        },
      )
  }
}

function idOf({ queue, event }: DeadLetter): DeadLetterId {
  return { queue, position: event.position }
}

interface Failure {
  readonly document: DocumentName
  readonly position: bigint
  readonly cause: unknown
}

/** Says whose fault it was; nobody's where a server failed. */
function failedDocuments(plan: FoldPlan, error: unknown): readonly Failure[] {
  if (error instanceof ProjectionHandlerError && error.document)
    return [{ document: error.document, position: error.event.position, cause: error.cause }]
  if (!(error instanceof DocumentRefusedError)) return []
  const { model, id } = error
  const first = new Map<string, Failure>()
  for (const document of documentsOf(plan))
    if (document.document.model === model && (id === undefined || document.document.id === id))
      if (!first.has(document.document.id))
        first.set(document.document.id, { ...document, cause: error })
  return [...first.values()]
}

function documentsOf(plan: FoldPlan): readonly Omit<Failure, 'cause'>[] {
  return [
    ...plan.steps.map(({ entry, recorded }) => ({
      document: { model: entry.model.name, id: entry.id },
      position: recorded.position,
    })),
    ...plan.updates.map(({ model, id, recorded }) => ({
      document: { model: model.name, id },
      position: recorded.position,
    })),
  ]
}
