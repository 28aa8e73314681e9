import {
  type Checkpoint,
  CheckpointConflictError,
  type ConsistencyLevel,
  GenerationConflictError,
  type GenerationRecord,
  type LeftGeneration,
} from '@varve/core'
import type { Checkpoints } from '../checkpoint/checkpoints.ts'
import { RetryBudget } from '../commit/retry-budget.ts'
import { runTransaction } from '../commit/transaction.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import type { GenerationRecords } from './generation-records.ts'

/** What a switch works with. */
export interface GenerationSwitchOptions {
  readonly connection: MongoConnection
  readonly records: GenerationRecords
  readonly checkpoints: Checkpoints
  /** How long a switch is tried again, in milliseconds. */
  readonly budgetMs: number
}

/** A change of the generations that moves readers. */
export interface SwitchChange {
  readonly record: GenerationRecord
  readonly expectedRevision: number
  readonly left: LeftGeneration
}

/** Switches readers from one generation to another while nobody writes what they leave. */
export class GenerationSwitch {
  readonly #options: GenerationSwitchOptions

  constructor(options: GenerationSwitchOptions) {
    this.#options = options
  }

  /**
   * @throws {GenerationConflictError}
   * @throws {CheckpointConflictError}
   */
  async save(level: ConsistencyLevel, change: SwitchChange): Promise<void> {
    await (level === 'exactly-once' ? this.#saveAtOnce(change) : this.#saveInOrder(change))
  }

  /** Makes a switch fail that closed a checkpoint and has not saved the generations yet. */
  async reopen(projection: string, taken: Checkpoint, closedAt: number): Promise<void> {
    // In this order: a crash in between leaves it closed, and the next one does the same.
    await this.#options.records.outdate(projection, closedAt)
    await this.#options.checkpoints.open(taken, closedAt)
  }

  async #saveAtOnce(change: SwitchChange): Promise<void> {
    const { connection, records, checkpoints, budgetMs } = this.#options
    const { record, expectedRevision, left } = change
    const { isCommitted, mayBeDone } = await runTransaction(
      connection,
      new RetryBudget(budgetMs),
      async (session) => {
        for (const one of left.checkpoints)
          if (!(await checkpoints.leave(one, session))) return false
        return records.replace(record, expectedRevision, session)
      },
    )
    if (isCommitted || (mayBeDone && (await this.#isSaved(record)))) return
    await this.#refuse(change)
  }

  /**
   * Closes the checkpoints first: whoever takes one of them from then on makes the save of the record fail, so that
   * readers never leave a generation that somebody writes.
   */
  async #saveInOrder(change: SwitchChange): Promise<void> {
    const { records, checkpoints } = this.#options
    const { record, expectedRevision, left } = change
    for (const one of left.checkpoints)
      if (!(await checkpoints.close(one, expectedRevision))) await this.#refuse(change)
    if (await records.replace(record, expectedRevision)) return
    throw new GenerationConflictError(record.projection)
  }

  async #isSaved({ projection, revision, active }: GenerationRecord): Promise<boolean> {
    const found = await this.#options.records.read(projection)
    return found?.revision === revision && found.active?.number === active?.number
  }

  async #refuse({ record, expectedRevision, left }: SwitchChange): Promise<never> {
    const { records, checkpoints } = this.#options
    const found = await records.read(record.projection)
    for (const expected of found?.revision === expectedRevision ? left.checkpoints : []) {
      const stored = await checkpoints.read(expected.id)
      if (stored?.epoch !== expected.epoch || stored.position !== expected.position)
        throw new CheckpointConflictError(expected, stored)
    }
    throw new GenerationConflictError(record.projection)
  }
}
