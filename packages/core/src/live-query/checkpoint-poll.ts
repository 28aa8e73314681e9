import { isRaised, pause } from '../bus/pause.ts'
import { checkpointId, collectionName, type Generation } from '../read-model/generation.ts'
import type { Checkpoint, ReadModelStore } from '../read-model/read-model-store.ts'
import type {
  ReadModelChange,
  ReadModelChangeListener,
  ReadModelWatch,
  WatchedReadModel,
} from './read-model-changes.ts'

const longestBackoffMs = 2_000

/** Options of {@link CheckpointPoll}. */
export interface CheckpointPollOptions {
  readonly store: ReadModelStore
  /** How often to look, in milliseconds. */
  readonly intervalMs: number
}

interface PolledGeneration {
  readonly generation: Generation
  readonly collections: readonly string[]
}

/**
 * Finds out about commits of other processes by looking at checkpoints again and again: for stores that cannot tell.
 * Knows that a read model changed, and not which documents.
 */
export class CheckpointPoll implements ReadModelWatch {
  readonly source = 'polling'
  readonly #options: CheckpointPollOptions
  readonly #generations: readonly PolledGeneration[]
  readonly #listener: ReadModelChangeListener
  readonly #ending = new AbortController()
  /** By id of the checkpoint. */
  readonly #positions = new Map<string, bigint>()
  /** By name of the projection. */
  readonly #revisions = new Map<string, number>()
  /** By name of the projection. */
  readonly #letters = new Map<string, number>()
  #polling: Promise<void> = Promise.resolve()

  private constructor(
    options: CheckpointPollOptions,
    models: readonly WatchedReadModel[],
    listener: ReadModelChangeListener,
  ) {
    this.#options = options
    this.#generations = byGeneration(models)
    this.#listener = listener
  }

  /** Notes where the checkpoints are, and tells of every move from there. */
  static async open(
    options: CheckpointPollOptions,
    models: readonly WatchedReadModel[],
    listener: ReadModelChangeListener,
  ): Promise<CheckpointPoll> {
    const poll = new CheckpointPoll(options, models, listener)
    await poll.#look(() => undefined)
    poll.#polling = poll.#run()
    return poll
  }

  /** Notes a commit of this process, which needs no telling. */
  noteOwn({ id, position }: Checkpoint): void {
    if (position !== undefined && this.#isAhead(id, position)) this.#positions.set(id, position)
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.#polling
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    for (let failures = 0; !signal.aborted;) {
      await pause(this.#pauseMs(failures), signal)
      if (isRaised(signal)) return
      try {
        await this.#look((changes) => this.#listener.onChanges(changes))
        if (failures > 0) this.#listener.onState('live')
        failures = 0
      } catch (error) {
        failures += 1
        this.#listener.onState('retrying', error)
      }
    }
  }

  #pauseMs(failures: number): number {
    const { intervalMs } = this.#options
    return failures === 0 ? intervalMs : Math.min(longestBackoffMs, intervalMs * 2 ** failures)
  }

  /** Nothing is lost by a look that fails: the next one compares with the last that did not. */
  async #look(tell: (changes: readonly ReadModelChange[]) => void): Promise<void> {
    for (const polled of this.#generations) {
      const changes = await this.#lookAt(polled)
      if (changes.length > 0 && !this.#ending.signal.aborted) tell(changes)
    }
  }

  async #lookAt({ generation, collections }: PolledGeneration): Promise<ReadModelChange[]> {
    const { store } = this.#options
    const { projection } = generation
    const record = await store.generations(projection)
    const checkpoints = await store.checkpoints(generation)
    // An event that is applied later than the others moves no checkpoint.
    const letters = await store.deadLetters.count({ consumer: checkpointId(generation) })
    const changes: ReadModelChange[] = []
    if (record && record.revision !== this.#revisions.get(projection)) {
      this.#revisions.set(projection, record.revision)
      changes.push({ kind: 'generations', projection })
    }
    let hasMoved = letters !== (this.#letters.get(projection) ?? letters)
    this.#letters.set(projection, letters)
    for (const { id, position } of checkpoints)
      if (position !== undefined && this.#isAhead(id, position)) {
        this.#positions.set(id, position)
        hasMoved = true
      }
    if (hasMoved)
      for (const collection of collections) changes.push({ kind: 'collection', collection })
    return changes
  }

  #isAhead(id: string, position: bigint): boolean {
    const known = this.#positions.get(id)
    return known === undefined || position > known
  }
}

function byGeneration(models: readonly WatchedReadModel[]): readonly PolledGeneration[] {
  const projections = new Set(models.map(({ generation }) => generation.projection))
  return Array.from(projections, (projection) => {
    const own = models.filter(({ generation }) => generation.projection === projection)
    return {
      generation: (own[0] as WatchedReadModel).generation,
      collections: own.map(({ model, generation }) => collectionName(model, generation)),
    }
  })
}
