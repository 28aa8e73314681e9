import { backoffMs, pause } from '../bus/pause.ts'
import type { Logger } from '../environment/logger.ts'
import type { ReadModelRoute } from '../model/application-model.ts'
import { collectionName, type Generation } from '../read-model/generation.ts'
import { ReadModelStoreUnavailableError } from '../read-model/read-model-errors.ts'
import type { Checkpoint, ReadModelCommit, ReadModelStore } from '../read-model/read-model-store.ts'
import { announceCommits } from './announce-commits.ts'
import { DocumentSet } from './document-set.ts'
import { activeGenerations, areSame, openWatch, type OpenWatch } from './open-watch.ts'
import type { ReadModelChange, ReadModelChanges } from './read-model-changes.ts'
import { ToldPositions } from './told-positions.ts'

/** Who hears of changed documents. Must not throw. */
export type DocumentListener = (changed: DocumentSet) => void

/** What a listener gets. */
export interface FeedSubscription {
  /** Opens a read model as readers see it now. */
  view(route: ReadModelRoute): unknown
  /** Looks again which generations readers see. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** How live queries hear of changes. */
export interface LiveQueriesTuning {
  /**
   * How often the checkpoints are looked at where the store cannot tell what other processes commit, as a standalone
   * server cannot; in milliseconds. Default 250.
   */
  readonly pollMs?: number
}

/** What a feed needs. */
export interface ReadModelFeedOptions extends LiveQueriesTuning {
  readonly store: ReadModelStore
  /** Default: the checkpoints are polled. */
  readonly changes?: ReadModelChanges
  readonly logger: Logger
}

/**
 * `idle`: nobody listens. `retrying`: the server is not reached; what this process commits is told all the same,
 * and what others commit once it is back.
 */
export type FeedState = 'idle' | 'opening' | 'live' | 'retrying'

/**
 * All changes to read models that this process hears of, from its own projections and, by one watch, from
 * other processes; spread to whoever listens. The watch is there while somebody listens.
 */
export class ReadModelFeed {
  /** The store to write through: what is committed to it is told at once. */
  readonly store: ReadModelStore
  readonly #options: ReadModelFeedOptions
  readonly #listeners = new Map<DocumentListener, readonly ReadModelRoute[]>()
  readonly #told = new ToldPositions()
  readonly #closing = new AbortController()
  #open: OpenWatch | undefined
  #isOpening = false
  #isCutOff = false
  #isLost = false
  #lastError: unknown
  /** Changes of what is watched wait for each other. */
  #turn: Promise<unknown> = Promise.resolve()
  #isStale = false
  #hasGap = false
  #refreshing: Promise<void> | undefined

  constructor(options: ReadModelFeedOptions) {
    this.#options = options
    this.store = announceCommits(options.store, {
      onCommit: (commit, checkpoint) => this.#announce(commit, checkpoint),
      onGenerations: () => this.#markStale(),
    })
  }

  get state(): FeedState {
    if (!this.#open) return this.#isOpening ? 'opening' : 'idle'
    return this.#isCutOff || this.#isLost ? 'retrying' : 'live'
  }

  /** How changes of other processes get here; undefined while nobody listens. */
  get source(): string | undefined {
    return this.#open?.watch.source
  }

  get lastError(): unknown {
    return this.#lastError
  }

  /** Tells whether a query failed because the server was not reached. */
  isUnavailable(error: unknown): boolean {
    return (
      error instanceof ReadModelStoreUnavailableError ||
      this.#options.changes?.isUnavailable(error) === true
    )
  }

  /**
   * Tells of every change to some read models that is committed after the promise is fulfilled.
   *
   * @throws {ReadModelStoreUnavailableError} The server did not answer.
   */
  async listen(
    routes: readonly ReadModelRoute[],
    listener: DocumentListener,
  ): Promise<FeedSubscription> {
    this.#listeners.set(listener, routes)
    const close = (): Promise<void> => this.#forget(listener)
    try {
      if (!this.#covers(routes))
        await this.#inTurn(async () => {
          if (!this.#covers(routes)) await this.#follow()
        })
    } catch (error) {
      await close()
      throw error
    }
    return {
      view: ({ model, projection }) => {
        const generation = this.#open?.generations.get(projection.name) as Generation
        return this.#options.store.view(generation, model)
      },
      refresh: () => this.#inTurn(() => this.#look()),
      close,
    }
  }

  /** Ends the watch. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#listeners.clear()
    await this.#stopUnheard()
    await this.#refreshing
  }

  async #forget(listener: DocumentListener): Promise<void> {
    this.#listeners.delete(listener)
    await this.#stopUnheard()
  }

  async #stopUnheard(): Promise<void> {
    if (this.#listeners.size > 0) return
    await this.#inTurn(async () => {
      if (this.#listeners.size > 0) return
      const open = this.#open
      this.#open = undefined
      this.#isStale = this.#hasGap = false
      this.#told.clear()
      await this.#end(open)
    })
  }

  #covers(routes: readonly ReadModelRoute[]): boolean {
    const watched = new Set(this.#open?.models.values())
    return routes.every(({ model }) => watched.has(model.name))
  }

  /** Watches all that is listened to, as readers see it now, and then nothing else any more. */
  async #follow(): Promise<void> {
    const routes = new Map(
      Array.from(this.#listeners.values())
        .flat()
        .map((route) => [route.model.name, route]),
    )
    if (routes.size === 0) return
    const before = this.#open
    const { store, changes, pollMs = 250 } = this.#options
    this.#isOpening = true
    try {
      this.#open = await openWatch({ store, changes, pollMs }, [...routes.values()], (models) => ({
        onChanges: (told) => this.#hear(told, models),
        onState: (state, error) => this.#note(state === 'retrying', error),
      }))
    } finally {
      this.#isOpening = false
    }
    this.#isCutOff = false
    if (before && !areSame(before.generations, this.#open.generations)) this.#tellEverything()
    await this.#end(before)
  }

  /** A watch that cannot be closed properly is of no use to anybody either. */
  async #end(open: OpenWatch | undefined): Promise<void> {
    await open?.watch.close().catch((error: unknown) =>
      this.#options.logger.warn('A watch over read models could not be closed properly.', {
        error,
      }),
    )
  }

  #note(isCutOff: boolean, error: unknown): void {
    this.#isCutOff = isCutOff
    if (isCutOff) this.#warn(error)
  }

  #warn(error: unknown): void {
    this.#lastError = error
    this.#options.logger.warn('Changes of read models do not arrive; trying again.', { error })
  }

  /** What this process committed itself. */
  #announce({ generation, writes, updates = [] }: ReadModelCommit, checkpoint: Checkpoint): void {
    const open = this.#open
    if (!open) return
    open.noteOwn(checkpoint)
    const changed = new DocumentSet()
    for (const { model, id, position } of [...writes, ...updates]) {
      const collection = collectionName(model, generation)
      if (!open.models.has(collection)) continue
      this.#told.add(collection, id, position)
      changed.add(model.name, [id])
    }
    this.#tell(changed)
  }

  /** What anybody committed. */
  #hear(changes: readonly ReadModelChange[], models: ReadonlyMap<string, string>): void {
    const changed = new DocumentSet()
    for (const change of changes)
      switch (change.kind) {
        case 'document': {
          const { collection, id, position } = change
          const model = models.get(collection)
          if (model !== undefined && !this.#told.has(collection, id, position))
            changed.add(model, [id])
          break
        }
        case 'collection': {
          const model = models.get(change.collection)
          if (model !== undefined) changed.add(model, undefined)
          break
        }
        case 'gap':
          this.#hasGap = true
          this.#markStale()
          break
        case 'generations':
          this.#markStale()
          break
      }
    this.#tell(changed)
  }

  #tell(changed: DocumentSet): void {
    if (!changed.isEmpty) for (const listener of this.#listeners.keys()) listener(changed)
  }

  #tellEverything(): void {
    const changed = new DocumentSet()
    for (const model of this.#open?.models.values() ?? []) changed.add(model, undefined)
    this.#tell(changed)
  }

  #markStale(): void {
    if (this.#listeners.size === 0 || this.#closing.signal.aborted) return
    this.#isStale = true
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined))
  }

  /** Looks which generations readers see until it knows. */
  async #refresh(): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; this.#isStale && this.#listeners.size > 0 && !signal.aborted;)
      try {
        this.#isStale = false
        await this.#inTurn(() => this.#look())
        this.#isLost = false
      } catch (error) {
        this.#isStale = this.#isLost = true
        failures += 1
        this.#warn(error)
        await pause(backoffMs(failures), signal)
      }
  }

  async #look(): Promise<void> {
    if (!this.#open) return
    const routes = [...this.#listeners.values()].flat()
    const active = await activeGenerations(this.#options.store, routes)
    if (!areSame(active, this.#open.generations)) await this.#follow()
    if (!this.#hasGap) return
    this.#hasGap = false
    this.#tellEverything()
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}
