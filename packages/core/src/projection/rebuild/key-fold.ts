import type { EventStore } from '../../event-store/event-store.ts'
import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import type { StreamName } from '../../event-store/stream-name.ts'
import type { ReadModelDefinition } from '../../read-model/read-model-definition.ts'
import type { StoredDocument } from '../../read-model/read-model-store.ts'
import { allSlots, type SlotRange } from '../../read-model/slots.ts'
import { applyPlan } from '../fold/batch-fold.ts'
import { storedForm } from '../fold/clone-document.ts'
import { DocumentCache } from '../fold/document-cache.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import { RepairRefusedError } from '../projection-errors.ts'

/** Folds the documents of some ids from the first event on, in memory: nothing is read but the log. */
export class KeyFold {
  readonly #definition: ProjectionDefinition
  readonly #planner: FoldPlanner
  readonly #ids: ReadonlySet<string>
  readonly #cache: DocumentCache
  /** Everything up to here is folded. */
  position = -1n
  events = 0

  /** @throws {RepairRefusedError} The documents cannot be folded by themselves. */
  constructor(definition: ProjectionDefinition, planner: FoldPlanner, ids: readonly string[]) {
    checkRepairable(definition)
    this.#definition = definition
    this.#planner = planner
    this.#ids = new Set(ids)
    this.#cache = new DocumentCache(Infinity)
    for (const model of definition.models)
      for (const id of ids) this.#cache.entry(model, id).isLoaded = true
  }

  /** Begins with a document that has all events up to its position. */
  begin(model: ReadModelDefinition, id: string, from: StoredDocument): void {
    const { document, position, events } = from
    Object.assign(this.#cache.entry(model, id), { document, position, stored: position, events })
  }

  get ids(): readonly string[] {
    return [...this.#ids]
  }

  /**
   * Folds events of the documents within some slots.
   *
   * @throws {ProjectionHandlerError} A handler threw.
   */
  apply(events: readonly RecordedEvent[], slots: SlotRange = allSlots): void {
    const route = ({ id }: { readonly id: string }): 'take' | 'leave' =>
      this.#ids.has(id) ? 'take' : 'leave'
    const plan = this.#planner.plan(events, this.#cache, { slots, route })
    const [misread] = plan.misread
    if (misread) throw misread
    this.events += plan.steps.length
    applyPlan(this.#definition.name, plan)
    // What comes again is not folded twice.
    for (const entry of plan.documents) entry.stored = entry.position
  }

  /** The documents as they are now and as they would be stored, by model and id; undefined ones never were. */
  load(model: string, id: string): StoredDocument | undefined {
    const found = this.#definition.models.find(({ name }) => name === model)
    const entry = found && this.#cache.entry(found, id)
    if (entry?.position === undefined) return undefined
    const { document, position, events } = entry
    return { document: storedForm(document), position, events }
  }
}

function checkRepairable({ name, models, handlers }: ProjectionDefinition): void {
  const historical = models.find(({ history }) => history)
  if (historical)
    throw new RepairRefusedError(name, `read model "${historical.name}" keeps its history`)
  const written = handlers.find(({ kind }) => kind === 'write')
  if (written)
    throw new RepairRefusedError(name, `"${written.event.type}" is written by update operators`)
  const joining = handlers.find((handler) => handler.kind === 'fold' && handler.joins)
  if (joining)
    throw new RepairRefusedError(
      name,
      `its handler of "${joining.event.type}" reads other documents`,
    )
}

/** Finds the ids of the documents that the events of some streams are for. */
export async function idsOfStreams(
  eventStore: EventStore,
  planner: FoldPlanner,
  streams: readonly string[],
): Promise<readonly string[]> {
  const ids = new Set<string>()
  for (const stream of streams)
    for await (const events of eventStore.readStream(stream as StreamName)) {
      const plan = planner.plan(events, new DocumentCache(Infinity))
      const [misread] = plan.misread
      if (misread) throw misread
      for (const { entry } of plan.steps) ids.add(entry.id)
    }
  return [...ids]
}
