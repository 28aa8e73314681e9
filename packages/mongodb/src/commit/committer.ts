import { type Checkpoint, CheckpointConflictError, type ReadModelCommit } from '@varve/core'

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
  return { id: from.id, epoch: from.epoch, position }
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
