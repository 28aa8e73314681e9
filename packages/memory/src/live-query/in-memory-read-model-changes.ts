import {
  collectionName,
  type DocumentWrite,
  type Generation,
  type ReadModelChange,
  type ReadModelChangeListener,
  type ReadModelChanges,
  type ReadModelWatch,
  type WatchedReadModel,
} from '@varve/core'

/** What a commit did to one document. */
type Written = Pick<DocumentWrite, 'model' | 'id' | 'position'>

interface Watch {
  readonly collections: ReadonlySet<string>
  readonly projections: ReadonlySet<string>
  readonly listener: ReadModelChangeListener
}

/** Tells of what is committed to one read-model store in memory, at once. */
export class InMemoryReadModelChanges implements ReadModelChanges {
  readonly #watches = new Set<Watch>()

  watch(
    models: readonly WatchedReadModel[],
    listener: ReadModelChangeListener,
  ): Promise<ReadModelWatch> {
    const watch = {
      collections: new Set(
        models.map(({ model, generation }) => collectionName(model, generation)),
      ),
      projections: new Set(models.map(({ generation }) => generation.projection)),
      listener,
    }
    this.#watches.add(watch)
    return Promise.resolve({
      source: 'memory',
      close: () => {
        this.#watches.delete(watch)
        return Promise.resolve()
      },
    })
  }

  /** Nothing is ever away. */
  isUnavailable(): boolean {
    return false
  }

  /** Tells of the documents of a commit. For the store, behind each. */
  tellCommit(generation: Generation, written: readonly Written[]): void {
    if (this.#watches.size === 0) return
    const changes = written.map(({ model, id, position }) => {
      const collection = collectionName(model, generation)
      return { kind: 'document' as const, collection, id, position }
    })
    for (const { collections, listener } of this.#watches)
      tell(
        listener,
        changes.filter(({ collection }) => collections.has(collection)),
      )
  }

  /** Tells that a projection's generations changed. For the store, behind each change. */
  tellGenerations(projection: string): void {
    for (const { projections, listener } of this.#watches)
      if (projections.has(projection)) tell(listener, [{ kind: 'generations', projection }])
  }
}

function tell(listener: ReadModelChangeListener, changes: readonly ReadModelChange[]): void {
  if (changes.length > 0) listener.onChanges(changes)
}
