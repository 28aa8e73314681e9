import {
  type Checkpoint,
  CheckpointConflictError,
  checkpointId,
  type ReadModelCommit,
} from '@varve/core'
import type { Checkpoints } from '../checkpoint/checkpoints.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import type { MongoDeadLetterStore } from '../dead-letter/mongodb-dead-letter-store.ts'
import { type StoredLetter, toStored } from '../dead-letter/stored-letter.ts'
import { historyOperations } from '../history/history-operations.ts'
import { writeVersions } from '../history/write-versions.ts'
import { isUnavailable } from '../mongodb-errors.ts'
import {
  type Committer,
  type CommitterOptions,
  movedCheckpoint,
  movesOnly,
  settleMoved,
} from './committer.ts'
import { writeOptions } from './bson-options.ts'
import { type MetaDocument, transactionOperations } from './document-operations.ts'
import { writeGuarded } from './guarded-writes.ts'
import { RetryBudget } from './retry-budget.ts'
import type { Tombstones } from './tombstones.ts'
import { updateGuarded } from './write-updates.ts'
import { type ModelWrites, updatesByModel, writesByModel } from './writes-by-model.ts'

interface PreparedCommit {
  readonly groups: readonly ModelWrites[]
  readonly letters: readonly StoredLetter[]
}

/**
 * Writes versions, then documents, then the checkpoint, each step such that it may be repeated.
 *
 * Versions go first: once a document has a position, a replay skips the events up to it, and would not make
 * their versions again.
 */
export class IdempotentCommitter implements Committer {
  readonly #connection: MongoConnection
  readonly #checkpoints: Checkpoints
  readonly #letters: MongoDeadLetterStore
  readonly #tombstones: Tombstones
  readonly #budgetMs: number

  constructor(options: CommitterOptions, tombstones: Tombstones) {
    this.#connection = options.connection
    this.#checkpoints = options.checkpoints
    this.#letters = options.letters
    this.#budgetMs = options.budgetMs
    this.#tombstones = tombstones
  }

  async commit(commit: ReadModelCommit): Promise<Checkpoint> {
    const groups = writesByModel(commit)
    // What cannot be stored is found out before anything is.
    updatesByModel(commit)
    const letters = (commit.deadLetters ?? []).map(toStored)
    const budget = new RetryBudget(this.#budgetMs)
    for (let mayBeDone = false; ; mayBeDone = true) {
      try {
        return await this.#attempt(commit, { groups, letters }, mayBeDone)
      } catch (error) {
        if (!isUnavailable(error) || !(await budget.pause())) throw error
      }
    }
  }

  async #attempt(
    commit: ReadModelCommit,
    { groups, letters }: PreparedCommit,
    mayBeDone: boolean,
  ): Promise<Checkpoint> {
    const { from, position } = commit
    const moved = movedCheckpoint(commit)
    if (!movesOnly(commit)) {
      const found = await this.#checkpoints.read(from.id)
      if (found?.epoch !== from.epoch || found.position !== from.position) {
        settleMoved(commit, found, mayBeDone)
        return moved
      }
      for (const group of groups) {
        if (commit.isRepair) await this.#replace(group)
        else if (!(await this.#write(checkpointId(commit.generation), group))) {
          throw new CheckpointConflictError(from, await this.#checkpoints.read(from.id))
        }
      }
      for (const group of updatesByModel(commit))
        await updateGuarded(this.#connection.database.collection(group.collection), group)
      await this.#letters.putWithin(letters)
      await this.#letters.settleWithin(commit.settled ?? [])
    }
    if (!(await this.#checkpoints.advance(from, position))) {
      settleMoved(commit, await this.#checkpoints.read(from.id), mayBeDone)
    }
    return moved
  }

  /** Without guards: what is stored may have the same position and be wrong. */
  async #replace({ collection, writes }: ModelWrites): Promise<void> {
    await this.#connection.database
      .collection<MetaDocument>(collection)
      .bulkWrite(transactionOperations(writes, new Date()), {
        ...writeOptions,
        ordered: true,
        writeConcern: { w: 'majority', wtimeoutMS: 10_000 },
      })
  }

  async #write(generation: string, group: ModelWrites): Promise<boolean> {
    const { model, collection, writes } = group
    if (model.history) {
      await writeVersions(this.#connection, collection, historyOperations(writes, 'repeat'), {
        writeConcern: { w: 'majority', wtimeoutMS: 10_000 },
      })
    }
    await this.#tombstones.record(generation, collection, writes)
    const documents = this.#connection.database.collection<MetaDocument>(collection)
    return writeGuarded(documents, this.#tombstones, group)
  }
}
