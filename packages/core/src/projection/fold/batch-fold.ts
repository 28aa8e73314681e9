import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import type { ReadModelDocument } from '../../read-model/read-model-definition.ts'
import type { DocumentUpdate, DocumentWrite } from '../../read-model/read-model-store.ts'
import { cloneDocument } from './clone-document.ts'
import type { CachedDocument } from './document-cache.ts'
import type { EventContext } from '../event-context.ts'
import type { FoldPlan, FoldStep, UpdateStep } from './fold-plan.ts'
import { InvalidDocumentError, ProjectionHandlerError } from '../projection-errors.ts'
import { mergeUpdates } from './merge-updates.ts'
import { refusePromise } from './refuse-promise.ts'

/** What a plan makes of its documents. */
export interface FoldResult {
  /** One for each document that changed. */
  readonly writes: readonly DocumentWrite[]
  readonly updates: readonly DocumentUpdate[]
  /** Events that were in their documents already. */
  readonly repeated: number
}

/**
 * Applies a plan to its documents, which must be loaded. Knows no store.
 *
 * @throws {ProjectionHandlerError} A handler threw. The documents are spoilt: clear the cache.
 */
export function applyPlan(projection: string, plan: FoldPlan): FoldResult {
  let repeated = 0
  for (const step of plan.steps) {
    const { entry, recorded } = step
    // Applied before a crash that lost the checkpoint only.
    if (entry.stored !== undefined && recorded.position <= entry.stored) {
      repeated += 1
      continue
    }
    try {
      applyStep(step)
    } catch (cause) {
      const document = { model: entry.model.name, id: entry.id }
      throw new ProjectionHandlerError(projection, recorded, document, { cause })
    }
  }
  return {
    writes: writesOf(plan.documents),
    updates: updatesOf(projection, plan.updates),
    repeated,
  }
}

function writesOf(documents: ReadonlySet<CachedDocument>): readonly DocumentWrite[] {
  const writes: DocumentWrite[] = []
  for (const entry of documents)
    if (entry.position !== undefined && entry.position !== entry.stored)
      writes.push({
        model: entry.model,
        id: entry.id,
        document: entry.document,
        position: entry.position,
        events: entry.events,
        previous: entry.stored,
        versions: entry.versions,
      })
  return writes
}

function updatesOf(projection: string, steps: readonly UpdateStep[]): readonly DocumentUpdate[] {
  const updates = new Map<string, DocumentUpdate>()
  const seen = new Map<string, EventContext>()
  for (const step of steps) {
    const { model, id, recorded, context } = step
    const name = JSON.stringify([model.name, id, `${recorded.position}`])
    try {
      if (seen.get(name) === context)
        throw new InvalidDocumentError('a second update of the document', 'one for each event')
      seen.set(name, context)
      const update = updateOf(step)
      const earlier = updates.get(name)
      // Another event that the recorded one stands for: the store takes one update of a position.
      if (update && earlier) updates.set(name, mergedWith(earlier, update))
      else if (update) updates.set(name, update)
    } catch (cause) {
      throw new ProjectionHandlerError(projection, recorded, { model: model.name, id }, { cause })
    }
  }
  return [...updates.values()]
}

function mergedWith(earlier: DocumentUpdate, later: DocumentUpdate): DocumentUpdate {
  return { ...earlier, update: mergeUpdates(earlier.update, later.update) }
}

function updateOf(step: UpdateStep): DocumentUpdate | undefined {
  const { recorded, event, context, model, id, update } = step
  const operators: unknown = update(event, context)
  if (operators === undefined) return undefined
  refusePromise(operators, 'update operators')
  if (typeof operators !== 'object' || operators === null || Array.isArray(operators))
    throw new InvalidDocumentError(JSON.stringify(operators), 'update operators or nothing')
  const { position } = recorded
  return { model, id, update: operators as DocumentUpdate['update'], position }
}

const noDocuments: readonly undefined[] = []

function applyStep({ entry, event, context, recorded, apply, joined }: FoldStep): void {
  const before = entry.document
  const result = apply(
    event,
    before,
    context,
    joined.length === 0 ? noDocuments : joined.map(copyOf),
  )
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
  // Two handlers of one event on one document apply it once.
  if (entry.position !== recorded.position) entry.events += 1
  if (entry.document === undefined) entry.events = 0
  entry.position = recorded.position
  if (entry.model.history) recordVersion(entry, recorded)
}

/** A handler may change and keep what it is given; a document it only reads must not change with it. */
function copyOf(entry: CachedDocument | undefined): ReadModelDocument | undefined {
  return cloneDocument(entry?.document)
}

function checkId(document: ReadModelDocument, { id }: CachedDocument): void {
  if (document._id !== id)
    throw new InvalidDocumentError(
      `a document with _id ${JSON.stringify(document._id)}`,
      `_id "${id}", the key of the event`,
    )
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
