import type { Checkpoint, ReadModelCommit, ReadModelStore } from '@varve/core'

/** The checkpoint a commit is about, as it is stored; undefined where there is none. */
export async function checkpointOf(
  store: ReadModelStore,
  { generation, from }: Pick<ReadModelCommit, 'generation' | 'from'>,
): Promise<Checkpoint | undefined> {
  const found = await store.checkpoints(generation)
  return found.find(({ id }) => id === from.id)
}
