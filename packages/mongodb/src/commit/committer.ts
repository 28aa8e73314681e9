import { type Checkpoint, CheckpointConflictError, type ReadModelCommit } from '@varve/core'
import type { Checkpoints } from '../checkpoint/checkpoints.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import type { MongoDeadLetterStore } from '../dead-letter/mongodb-dead-letter-store.ts'

/** What a committer works with. */
export interface CommitterOptions {
  readonly connection: MongoConnection
  readonly checkpoints: Checkpoints
  readonly letters: MongoDeadLetterStore
  /** How long a commit is tried again, in milliseconds. */
  readonly budgetMs: number
}

/** Writes a commit at one of the two levels. */
export interface Committer {
  /**
   * @throws {CheckpointConflictError}
   * @throws {UniqueIndexViolationError}
   */
  commit(commit: ReadModelCommit): Promise<Checkpoint>
}

/** The checkpoint a commit moves to. */
export function movedCheckpoint({ from, position }: ReadModelCommit): Checkpoint {
  return { ...from, position }
}

/**
 * Decides about a checkpoint that was not where a commit expected it.
 *
 * @param mayBeDone Whether an earlier try of the same commit may have moved it: only this runner has its epoch.
 * @throws {CheckpointConflictError} Somebody else moved it.
 */
export function settleMoved(
  commit: ReadModelCommit,
  found: Checkpoint | undefined,
  mayBeDone: boolean,
): void {
  const isOurs = found?.epoch === commit.from.epoch && found.position === commit.position
  if (!mayBeDone || !isOurs) throw new CheckpointConflictError(commit.from, found)
}

/** Tells whether a commit changes nothing but the checkpoint. */
export function movesOnly({
  writes,
  updates = [],
  deadLetters = [],
  settled = [],
}: ReadModelCommit): boolean {
  return writes.length + updates.length + deadLetters.length + settled.length === 0
}
