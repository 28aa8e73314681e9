import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { HandlerScope } from '../message/handler-resolver.ts'
import type { ReadModelDefinition, ReadModelDocument } from '../read-model/read-model-definition.ts'
import type { DocumentWrite } from '../read-model/read-model-store.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import { cloneDocument } from './clone-document.ts'
import type { CachedDocument, DocumentCache } from './document-cache.ts'
import { type EventContext, RecordedEventContext } from './event-context.ts'
import type { ApplyToDocument, DocumentKey, ProjectionDefinition } from './projection-definition.ts'
import { InvalidDocumentError, ProjectionHandlerError } from './projection-errors.ts'

interface BoundHandler {
  readonly model: ReadModelDefinition
  readonly key: DocumentKey
  readonly apply: ApplyToDocument
}

/** One event on its way into one document. */
interface Step {
  readonly recorded: RecordedEvent
  readonly event: object
  readonly context: EventContext
  readonly apply: ApplyToDocument
  readonly entry: CachedDocument
}

/** The documents a batch of events touches, and how. */
export interface FoldPlan {
  readonly steps: readonly Step[]
  readonly documents: ReadonlySet<CachedDocument>
}

/** Folds batches of events into documents, in memory. Knows no store. */
export class BatchFold {
  readonly #projection: string
  readonly #handlers = new Map<string, BoundHandler[]>()
  readonly #codec: EventCodec

  constructor(definition: ProjectionDefinition, codec: EventCodec, scope: HandlerScope) {
    this.#projection = definition.name
    this.#codec = codec
    for (const handler of definition.handlers) {
      const bound = { model: handler.model, key: handler.key, apply: handler.bind(scope) }
      const known = this.#handlers.get(handler.event.type)
      if (known) known.push(bound)
      else this.#handlers.set(handler.event.type, [bound])
    }
  }

  /** Types of the events the projection asks for. */
  get types(): readonly string[] {
    return [...this.#handlers.keys()]
  }

  /**
   * Finds the documents of a batch.
   *
   * @throws {ProjectionHandlerError} An event cannot be decoded, or a key function threw.
   */
  plan(events: readonly RecordedEvent[], cache: DocumentCache): FoldPlan {
    const steps: Step[] = []
    const documents = new Set<CachedDocument>()
    for (const recorded of events) {
      const handlers = this.#handlers.get(recorded.type)
      if (!handlers) continue
      try {
        const event = this.#decode(recorded)
        const context = new RecordedEventContext(recorded)
        let isTaken = false
        for (const { model, key, apply } of handlers)
          for (const id of idsOf(key(event, context))) {
            const entry = cache.entry(model, id)
            documents.add(entry)
            const own = isTaken ? this.#decode(recorded) : event
            steps.push({ recorded, event: own, context, apply, entry })
            isTaken = true
          }
      } catch (cause) {
        throw new ProjectionHandlerError(this.#projection, recorded, undefined, { cause })
      }
    }
    return { steps, documents }
  }

  /** Documents may keep parts of an event and change them later, so each gets an event of its own. */
  #decode(recorded: RecordedEvent): object {
    const { data } = recorded
    return this.#codec.decode(
      hasParts(data) ? { ...recorded, data: cloneDocument(data) } : recorded,
    )
  }

  /**
   * Applies a plan to its documents, which must be loaded.
   *
   * @returns One write for each document that changed.
   * @throws {ProjectionHandlerError} A handler threw. The documents are spoilt: clear the cache.
   */
  apply({ steps, documents }: FoldPlan): readonly DocumentWrite[] {
    for (const step of steps) {
      const { entry, recorded } = step
      // Applied before a crash that lost the checkpoint only.
      if (entry.stored !== undefined && recorded.position <= entry.stored) continue
      try {
        applyStep(step)
      } catch (cause) {
        throw new ProjectionHandlerError(this.#projection, recorded, entry.id, { cause })
      }
    }
    const writes: DocumentWrite[] = []
    for (const entry of documents)
      if (entry.position !== undefined && entry.position !== entry.stored)
        writes.push({
          model: entry.model,
          id: entry.id,
          document: entry.document,
          position: entry.position,
          previous: entry.stored,
          versions: entry.versions,
        })
    return writes
  }
}

function applyStep({ entry, event, context, recorded, apply }: Step): void {
  const before = entry.document
  const result = apply(event, before, context)
  if (result === undefined) {
    if (before === undefined) return
    checkId(before, entry)
  } else if (result === null) {
    if (before === undefined) return
    entry.document = undefined
  } else {
    if (typeof result !== 'object')
      throw new InvalidDocumentError(`a ${typeof result}`, 'a document, nothing or null')
    refusePromise(result, 'a document')
    checkId(result, entry)
    entry.document = result
  }
  entry.position = recorded.position
  if (entry.model.history) recordVersion(entry, recorded)
}

function checkId(document: ReadModelDocument, { id }: CachedDocument): void {
  if (document._id !== id)
    throw new InvalidDocumentError(
      `a document with _id ${JSON.stringify(document._id)}`,
      `_id "${id}", the key of the event`,
    )
}

function refusePromise(result: unknown, expected: string): void {
  if (!(result instanceof Promise)) return
  // Nobody will ever wait for it, and a rejection nobody hears ends the process.
  result.catch(() => undefined)
  throw new InvalidDocumentError('a promise', `${expected} at once: handlers are synchronous`)
}

function hasParts(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false
  for (const key in data)
    if (typeof (data as Record<string, unknown>)[key] === 'object') return true
  return false
}

function recordVersion(entry: CachedDocument, recorded: RecordedEvent): void {
  // Two handlers of one event on one document make one version.
  if (entry.versions.at(-1)?.position === recorded.position) entry.versions.pop()
  entry.versions.push({
    position: recorded.position,
    recordedAt: recorded.recordedAt,
    document: cloneDocument(entry.document),
  })
}

function idsOf(key: string | readonly string[] | undefined): readonly string[] {
  if (key === undefined) return []
  refusePromise(key, 'a key')
  const ids = typeof key === 'string' ? [key] : [...new Set(key)]
  for (const id of ids)
    if (typeof id !== 'string' || id === '')
      throw new InvalidDocumentError(`the key ${JSON.stringify(id)}`, 'a non-empty string')
  return ids
}
