import type { Checkpoint, ReadModelCommit, ReadModelStore } from '../read-model/read-model-store.ts'

/** Who hears of what this process writes. Neither call may throw. */
export interface CommitListener {
  /** A commit is in the read models. */
  onCommit(commit: ReadModelCommit, checkpoint: Checkpoint): void
  /** The generations of a projection may have changed. */
  onGenerations(projection: string): void
}

/**
 * Returns a store that tells of each commit as soon as it is done. Everything else goes straight through.
 *
 * A proxy, so that a store may have more than the port asks for.
 */
export function announceCommits(store: ReadModelStore, listener: CommitListener): ReadModelStore {
  const announced: Pick<ReadModelStore, 'commit' | 'saveGenerations'> = {
    async commit(commit) {
      const checkpoint = await store.commit(commit)
      listener.onCommit(commit, checkpoint)
      return checkpoint
    },
    async saveGenerations(record, expectedRevision, left) {
      try {
        await store.saveGenerations(record, expectedRevision, left)
      } finally {
        // Also after a failure: the answer may be all that was lost.
        listener.onGenerations(record.projection)
      }
    },
  }
  return new Proxy(store, {
    get(target, key) {
      if (key === 'commit' || key === 'saveGenerations') return announced[key]
      const member: unknown = Reflect.get(target, key, target)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}
