import { UniqueIndexViolationError } from '@varve/core'
import type { Checkpoint, ReadModelCommit } from '@varve/core'
import type { ClientSession, Collection } from 'mongodb'
import type { Checkpoints } from '../checkpoint/checkpoints.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import type { MongoDeadLetterStore } from '../dead-letter/mongodb-dead-letter-store.ts'
import { toStored } from '../dead-letter/stored-letter.ts'
import { type HistoryOperation, historyOperations } from '../history/history-operations.ts'
import { RecordingOrder } from '../history/recording-order.ts'
import { writeVersions } from '../history/write-versions.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'
import { writeOptions } from './bson-options.ts'
import { type Committer, type CommitterOptions, movedCheckpoint, settleMoved } from './committer.ts'
import {
  type DocumentOperation,
  type MetaDocument,
  rewriteOperations,
  transactionOperations,
} from './document-operations.ts'
import { RetryBudget } from './retry-budget.ts'
import { runTransaction } from './transaction.ts'
import { uniqueIndexViolation } from './unique-index-violation.ts'
import { updateInTransaction } from './write-updates.ts'
import {
  type ModelUpdates,
  type ModelWrites,
  updatesByModel,
  writesByModel,
} from './writes-by-model.ts'

/** The operations of one collection, built once, before any transaction starts. */
interface PreparedWrites extends Pick<ModelWrites, 'model' | 'collection'> {
  readonly documents: DocumentOperation[]
  readonly versions: HistoryOperation[]
}

/** Writes documents, versions and checkpoint in one transaction. */
export class ExactlyOnceCommitter implements Committer {
  readonly #connection: MongoConnection
  readonly #checkpoints: Checkpoints
  readonly #letters: MongoDeadLetterStore
  readonly #budgetMs: number
  readonly #order = new RecordingOrder()

  constructor({ connection, checkpoints, letters, budgetMs }: CommitterOptions) {
    this.#connection = connection
    this.#checkpoints = checkpoints
    this.#letters = letters
    this.#budgetMs = budgetMs
  }

  async commit(commit: ReadModelCommit): Promise<Checkpoint> {
    const groups = writesByModel(commit)
    const mode = this.#order.holds(commit) ? 'in-order' : 'insert'
    const budget = new RetryBudget(this.#budgetMs)
    try {
      await this.#transact(
        commit,
        groups.map((group) => prepare(group, mode)),
        budget,
      )
    } catch (error) {
      if (!(error instanceof UniqueIndexViolationError)) throw error
      // Perhaps the batch only passes through a state that breaks the index; this finds out.
      await this.#transact(commit, groups.map(prepareRewrite), budget)
    }
    this.#order.note(commit)
    return movedCheckpoint(commit)
  }

  async #transact(
    commit: ReadModelCommit,
    prepared: readonly PreparedWrites[],
    budget: RetryBudget,
  ): Promise<void> {
    const updates = updatesByModel(commit)
    const letters = (commit.deadLetters ?? []).map(toStored)
    const { isCommitted, mayBeDone } = await runTransaction(
      this.#connection,
      budget,
      async (session) => {
        // First, so that a runner that lost the checkpoint touches no document.
        if (!(await this.#checkpoints.advance(commit.from, commit.position, session))) return false
        for (const writes of prepared) await this.#write(writes, session)
        for (const group of updates)
          await updateInTransaction(this.#documents(group), group, session)
        await this.#letters.putWithin(letters, session)
        await this.#letters.settleWithin(commit.settled ?? [], session)
        return true
      },
    )
    if (!isCommitted) {
      settleMoved(commit, await this.#checkpoints.read(commit.from.id), mayBeDone)
    }
  }

  #documents({ collection }: Pick<ModelUpdates, 'collection'>): Collection<MetaDocument> {
    return this.#connection.database.collection<MetaDocument>(collection)
  }

  async #write(prepared: PreparedWrites, session: ClientSession): Promise<void> {
    const { model, collection, documents, versions } = prepared
    try {
      await writeVersions(this.#connection, collection, versions, { session })
      if (documents.length === 0) return
      await this.#connection.database
        .collection<MetaDocument>(collection)
        .bulkWrite(documents, { ...writeOptions, session, ordered: true })
    } catch (error) {
      if (isDuplicateKey(error)) throw uniqueIndexViolation(model.name, error)
      throw error
    }
  }
}

function prepare(
  { model, collection, writes }: ModelWrites,
  mode: 'in-order' | 'insert',
): PreparedWrites {
  return {
    model,
    collection,
    documents: transactionOperations(writes, new Date()),
    versions: historyOperations(writes, mode),
  }
}

function prepareRewrite({ model, collection, writes }: ModelWrites): PreparedWrites {
  return {
    model,
    collection,
    documents: rewriteOperations(writes, new Date()),
    versions: historyOperations(writes, 'repeat'),
  }
}
