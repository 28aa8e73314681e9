import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import { aggregateIdOf } from '../../event-store/stream-name.ts'
import type { ReadModelDefinition } from '../../read-model/read-model-definition.ts'
import type { StoredDocument } from '../../read-model/read-model-store.ts'
import { allSlots, holdsSlot, slotOf, type SlotRange } from '../../read-model/slots.ts'
import type { CachedDocument, DocumentCache } from '../fold/document-cache.ts'
import type { PlanScope } from '../fold/fold-plan.ts'

/** Documents that need not be folded from their first event: each is that of one aggregate, and has its id. */
export interface DocumentSeeds {
  readonly model: ReadModelDefinition
  /**
   * Loads documents with everything up to their positions in them. What is absent is folded from its first event.
   *
   * @param events The documents are those of their streams.
   */
  load(
    events: readonly RecordedEvent[],
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>>
  /**
   * The same, with everything in them that their streams have. Undefined: not all of them can be had without the log.
   */
  loadWhole(
    events: readonly RecordedEvent[],
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument> | undefined>
}

/** Puts seeds into the documents a writer works on. What is put there is stored with the next commit. */
export class Seeding {
  readonly #seeds: DocumentSeeds
  readonly #cache: DocumentCache
  /** Not stored yet. */
  readonly #planted = new Map<CachedDocument, bigint>()

  constructor(seeds: DocumentSeeds, cache: DocumentCache) {
    this.#seeds = seeds
    this.#cache = cache
  }

  get model(): ReadModelDefinition {
    return this.#seeds.model
  }

  /** What must go into the next commit. */
  get planted(): Iterable<CachedDocument> {
    return this.#planted.keys()
  }

  /** The documents of events that nobody has looked at yet. */
  newIn(events: readonly RecordedEvent[], slots: SlotRange): readonly CachedDocument[] {
    const entries = new Set<CachedDocument>()
    for (const { stream } of events) {
      const id = aggregateIdOf(stream)
      if (slots !== allSlots && !holdsSlot(slots, slotOf(id))) continue
      const entry = this.#cache.entry(this.model, id)
      if (!entry.isLoaded) entries.add(entry)
    }
    return [...entries]
  }

  /**
   * Plants the seeds of documents that the store does not have.
   *
   * @returns False: not all of them can be had as a whole.
   */
  async plant(
    events: readonly RecordedEvent[],
    entries: readonly CachedDocument[],
    isWhole: boolean,
  ): Promise<boolean> {
    const missing = entries.filter(({ stored }) => stored === undefined)
    if (missing.length === 0) return true
    const ids = missing.map(({ id }) => id)
    const found = await (isWhole
      ? this.#seeds.loadWhole(events, ids)
      : this.#seeds.load(events, ids))
    for (const entry of missing) {
      const seed = found?.get(entry.id)
      if (!seed) continue
      entry.document = seed.document
      entry.position = seed.position
      entry.events = seed.events
      this.#planted.set(entry, seed.position)
    }
    return found !== undefined
  }

  /** Leaves alone the events that are in their documents. */
  route(others: PlanScope['route']): NonNullable<PlanScope['route']> {
    return (document, position) => {
      const entry = this.#cache.entry(this.model, document.id)
      const reached = entry.stored ?? this.#planted.get(entry)
      if (reached !== undefined && position <= reached) return 'leave'
      return others?.(document, position) ?? 'take'
    }
  }

  /** What was planted is stored, or forgotten. */
  clear(): void {
    this.#planted.clear()
  }
}
