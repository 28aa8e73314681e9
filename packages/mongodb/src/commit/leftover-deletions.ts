import {
  type Checkpoint,
  checkpointId,
  type ConsistencyLevel,
  type Generation,
  type Logger,
  type ReadModelCommit,
} from '@varve/core'
import type { Tombstones } from './tombstones.ts'

/** The segments of which deletions are remembered that commits have not passed yet, as a crash may have left them. */
export class LeftoverDeletions {
  readonly #tombstones: Tombstones
  readonly #logger: Logger
  readonly #segments = new Set<string>()

  constructor(tombstones: Tombstones, logger: Logger) {
    this.#tombstones = tombstones
    this.#logger = logger
  }

  /** Looks whether a segment has any, when it is taken. */
  async look(generation: Generation, { id, slots }: Checkpoint): Promise<void> {
    if (await this.#tombstones.exist(checkpointId(generation), slots)) this.#segments.add(id)
    else this.#segments.delete(id)
  }

  /** Tells whether any segment of a generation has some. */
  has(generation: Generation): boolean {
    const id = checkpointId(generation)
    return [...this.#segments].some((one) => one === id || one.startsWith(`${id}/`))
  }

  /** Forgets the deletions a checkpoint is past. The commit is done by now, so a failure only delays this. */
  async forgetPassed(commit: ReadModelCommit, level: ConsistencyLevel): Promise<void> {
    const { id, slots } = commit.from
    const generation = checkpointId(commit.generation)
    const hasDeleted =
      level === 'idempotent' && commit.writes.some(({ document }) => document === undefined)
    if (!hasDeleted && !this.#segments.has(id)) return
    this.#segments.add(id)
    try {
      await this.#tombstones.forget(generation, slots, commit.position)
      if (!(await this.#tombstones.exist(generation, slots))) this.#segments.delete(id)
    } catch (error) {
      this.#logger.warn(
        'Deletions the checkpoint is past could not be forgotten; the next commit tries again.',
        { checkpoint: id, error },
      )
    }
  }
}
