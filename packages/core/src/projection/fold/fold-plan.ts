import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import { aggregateIdOf } from '../../event-store/stream-name.ts'
import type { HandlerScope } from '../../message/handler-resolver.ts'
import type { ReadModelDefinition } from '../../read-model/read-model-definition.ts'
import { allSlots, holdsSlot, slotOf, type SlotRange } from '../../read-model/slots.ts'
import type { EventCodec } from '../../serialization/event-codec.ts'
import type { CachedDocument, DocumentCache } from './document-cache.ts'
import { type EventContext, RecordedEventContext } from '../event-context.ts'
import {
  type ApplyToDocument,
  type DocumentJoin,
  type DocumentKey,
  keyByAggregate,
  type ProjectionDefinition,
  type UpdateOfDocument,
} from '../projection-definition.ts'
import {
  type DocumentName,
  InvalidDocumentError,
  ProjectionHandlerError,
} from '../projection-errors.ts'
import type { DocumentOfState } from '../from-snapshot.ts'
import { EventReading } from './event-reading.ts'
import { refusePromise } from './refuse-promise.ts'

interface BoundHandler {
  readonly model: ReadModelDefinition
  readonly key: DocumentKey
  readonly joins: readonly DocumentJoin[]
  readonly apply: ApplyToDocument | undefined
  readonly update: UpdateOfDocument | undefined
}

/** One event on its way into one document. */
export interface FoldStep {
  readonly recorded: RecordedEvent
  readonly event: object
  readonly context: EventContext
  readonly entry: CachedDocument
  readonly apply: ApplyToDocument
  readonly joined: readonly (CachedDocument | undefined)[]
}

/** One event on its way into one document that is not read. */
export interface UpdateStep {
  readonly recorded: RecordedEvent
  readonly event: object
  readonly context: EventContext
  readonly model: ReadModelDefinition
  readonly id: string
  readonly update: UpdateOfDocument
}

/** An event that waits behind an earlier one of the same document, or failed itself. */
export interface HeldEvent {
  readonly document: DocumentName
  readonly recorded: RecordedEvent
}

/** The documents a batch of events touches, and how. */
export interface FoldPlan {
  readonly steps: readonly FoldStep[]
  readonly updates: readonly UpdateStep[]
  /** What must be loaded: the documents of the steps and those they read besides. */
  readonly documents: ReadonlySet<CachedDocument>
  readonly held: readonly HeldEvent[]
  /** Events nobody can say the documents of. */
  readonly misread: readonly ProjectionHandlerError[]
}

/** Which documents a plan is for. */
export interface PlanScope {
  readonly slots: SlotRange
  /**
   * Tells what to do with an event for a document: take it, hold it since an earlier one of the document waits, or
   * leave it alone. Undefined: take all.
   */
  readonly route?:
    ((document: DocumentName, position: bigint) => 'take' | 'hold' | 'leave') | undefined
}

const everything: PlanScope = { slots: allSlots }
const noJoins: readonly undefined[] = []

interface Draft {
  readonly steps: FoldStep[]
  readonly updates: UpdateStep[]
  readonly documents: Set<CachedDocument>
  readonly held: HeldEvent[]
  readonly misread: ProjectionHandlerError[]
}

/** Finds the documents that events are for. Knows no store. */
export class FoldPlanner {
  /** Name of the projection. */
  readonly projection: string
  /** How documents are made from snapshots; undefined where they are not. */
  readonly documentOf: DocumentOfState | undefined
  readonly #handlers = new Map<string, BoundHandler[]>()
  readonly #codec: EventCodec

  constructor(definition: ProjectionDefinition, codec: EventCodec, scope: HandlerScope) {
    this.projection = definition.name
    this.documentOf = definition.fromSnapshot?.bind(scope)
    this.#codec = codec
    for (const handler of definition.handlers) {
      const { model, key } = handler
      const bound: BoundHandler = {
        model,
        key,
        joins: handler.kind === 'fold' ? (handler.joins ?? []) : [],
        apply: handler.kind === 'fold' ? handler.bind(scope) : undefined,
        update: handler.kind === 'write' ? handler.bind(scope) : undefined,
      }
      const known = this.#handlers.get(handler.event.type)
      if (known) known.push(bound)
      else this.#handlers.set(handler.event.type, [bound])
    }
  }

  /** Names under which the events the projection asks for may be stored. */
  get types(): readonly string[] {
    return this.#codec.storedTypesOf(this.#handlers.keys())
  }

  /** Finds the documents of a batch. */
  plan(
    events: readonly RecordedEvent[],
    cache: DocumentCache,
    scope: PlanScope = everything,
  ): FoldPlan {
    const draft: Draft = { steps: [], updates: [], documents: new Set(), held: [], misread: [] }
    for (const recorded of events)
      for (const { event, handlers } of this.#routed(recorded))
        this.#planEvent({ recorded, event, handlers }, cache, scope, draft)
    return draft
  }

  /** The events a recorded one stands for, as far as the projection asks for them. */
  #routed(recorded: RecordedEvent): readonly Omit<RoutedEvent, 'recorded'>[] {
    let parts: readonly RecordedEvent[] | undefined
    try {
      parts = this.#codec.upcast(recorded)
    } catch {
      // It fails again for each document that waits for it, and is held there.
      const types = this.#codec.typesMadeOf(recorded.type)
      const handlers = types.flatMap((type) => this.#handlers.get(type) ?? [])
      return [{ event: recorded, handlers }]
    }
    return (parts ?? [recorded]).flatMap((event) => {
      const handlers = this.#handlers.get(event.type)
      return handlers ? [{ event, handlers }] : []
    })
  }

  #planEvent(
    { recorded, event, handlers }: RoutedEvent,
    cache: DocumentCache,
    scope: PlanScope,
    draft: Draft,
  ): void {
    const context = new RecordedEventContext(event)
    const reading = new EventReading(event, this.#codec)
    for (const handler of handlers)
      try {
        const { model } = handler
        for (const id of idsOf(handler, reading, context)) {
          if (scope.slots !== allSlots && !holdsSlot(scope.slots, slotOf(id))) continue
          const document = { model: model.name, id }
          const route = scope.route?.(document, recorded.position) ?? 'take'
          if (route === 'hold') hold(draft, { document, recorded })
          if (route !== 'take') continue
          try {
            addStep(draft, handler, { recorded, event: reading.take(), context, id, cache })
          } catch (cause) {
            draft.misread.push(this.#failure(recorded, document, cause))
          }
        }
      } catch (cause) {
        draft.misread.push(this.#failure(recorded, undefined, cause))
      }
  }

  #failure(
    recorded: RecordedEvent,
    document: DocumentName | undefined,
    cause: unknown,
  ): ProjectionHandlerError {
    return new ProjectionHandlerError(this.projection, recorded, document, { cause })
  }
}

/** An event that is handled, and the recorded one it is or is a part of. */
interface RoutedEvent {
  readonly recorded: RecordedEvent
  readonly event: RecordedEvent
  readonly handlers: readonly BoundHandler[]
}

/** A document waits for a recorded event once, whatever it stands for. */
function hold({ held }: Draft, { document, recorded }: HeldEvent): void {
  for (let index = held.length - 1; held[index]?.recorded === recorded; index -= 1)
    if (held[index]?.document.id === document.id && held[index]?.document.model === document.model)
      return
  held.push({ document, recorded })
}

interface StepFacts {
  readonly recorded: RecordedEvent
  readonly event: object
  readonly context: EventContext
  readonly id: string
  readonly cache: DocumentCache
}

function addStep(draft: Draft, handler: BoundHandler, facts: StepFacts): void {
  const { model, joins, apply, update } = handler
  const { recorded, event, context, id, cache } = facts
  if (update) draft.updates.push({ recorded, event, context, model, id, update })
  if (!apply) return
  const joined =
    joins.length === 0 ? noJoins : joins.map((join) => joinedEntry(join, event, context, cache))
  for (const entry of joined) if (entry) draft.documents.add(entry)
  const entry = cache.entry(model, id)
  draft.documents.add(entry)
  draft.steps.push({ recorded, event, context, entry, apply, joined })
}

function joinedEntry(
  join: DocumentJoin,
  event: object,
  context: EventContext,
  cache: DocumentCache,
): CachedDocument | undefined {
  const id = join.id(event, context)
  return id === undefined ? undefined : cache.entry(join.model, id)
}

const none: readonly string[] = []

function idsOf(
  { key }: BoundHandler,
  reading: EventReading,
  context: EventContext,
): readonly string[] {
  // Known without decoding, which is most of the work where the document is another worker's.
  if (key === keyByAggregate) return [aggregateIdOf(context.stream)]
  const found = key(reading.event, context)
  if (found === undefined) return none
  refusePromise(found, 'a key')
  const ids = typeof found === 'string' ? [found] : [...new Set(found)]
  for (const id of ids)
    if (typeof id !== 'string' || id === '')
      throw new InvalidDocumentError(`the key ${JSON.stringify(id)}`, 'a non-empty string')
  return ids
}
