import type { DocumentVersion } from '../../read-model/read-model-store.ts'
import type {
  ReadModelDefinition,
  ReadModelDocument,
} from '../../read-model/read-model-definition.ts'

/** A document while it is worked on. */
export interface CachedDocument {
  readonly model: ReadModelDefinition
  readonly id: string
  document: ReadModelDocument | undefined
  /** Position of the stored version; undefined: nothing is stored. */
  stored: bigint | undefined
  /** Position of the last event folded in; undefined: none yet. */
  position: bigint | undefined
  /** Events applied so far. */
  events: number
  /** Versions since the last commit, for models with history. */
  versions: DocumentVersion[]
  isLoaded: boolean
}

/**
 * Keeps the documents a projection worked on last, so that hot ones are not loaded again.
 *
 * Safe because a generation has one writer at a time: whoever lost it clears the cache.
 */
export class DocumentCache {
  readonly #limit: number
  readonly #documents = new Map<ReadModelDefinition, Map<string, CachedDocument>>()
  #size = 0

  /** @param limit Most documents kept between batches. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Returns the entry of a document, a new and unloaded one where there is none. */
  entry(model: ReadModelDefinition, id: string): CachedDocument {
    let documents = this.#documents.get(model)
    if (!documents) {
      documents = new Map<string, CachedDocument>()
      this.#documents.set(model, documents)
    }
    let entry = documents.get(id)
    if (!entry) {
      entry = {
        model,
        id,
        document: undefined,
        stored: undefined,
        position: undefined,
        events: 0,
        versions: [],
        isLoaded: false,
      }
      documents.set(id, entry)
      this.#size += 1
    }
    return entry
  }

  /** Drops the oldest documents over the limit. Call it between batches only. */
  trim(): void {
    for (const documents of this.#documents.values())
      for (const id of documents.keys()) {
        if (this.#size <= this.#limit) return
        documents.delete(id)
        this.#size -= 1
      }
  }

  clear(): void {
    this.#documents.clear()
    this.#size = 0
  }
}
