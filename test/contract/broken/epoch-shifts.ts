import type { Checkpoint, LeftGeneration, ReadModelCommit, ReadModelStore } from '@varve/core'
import { checkpointOf } from './checkpoint-of.ts'

type About = Pick<ReadModelCommit, 'generation' | 'from'>

/** A read-model store that counts the epochs of single segments from where it is told to. */
export class EpochShifts {
  readonly #store: ReadModelStore
  readonly #shifts = new Map<string, bigint>()

  constructor(store: ReadModelStore) {
    this.#store = store
  }

  /** The store's methods, with shifted epochs. */
  readonly methods = {
    checkpoints: async (generation) =>
      (await this.#store.checkpoints(generation)).map((one) => this.#shown(one)),
    takeCheckpoint: async (...call) => this.#shown(await this.#store.takeCheckpoint(...call)),
    commit: async (commit) =>
      this.#shown(await this.#store.commit({ ...commit, from: this.#real(commit.from) })),
    split: (generation, checkpoint) => this.#store.split(generation, this.#real(checkpoint)),
    merge: (generation, lower, upper) =>
      this.#store.merge(generation, this.#real(lower), this.#real(upper)),
  } satisfies Partial<ReadModelStore>

  /** What a switcher left, as it is stored. */
  real(left: LeftGeneration): LeftGeneration {
    return { ...left, checkpoints: left.checkpoints.map((one) => this.#real(one)) }
  }

  /** Has the segment's epoch be this one from now on. */
  async restart(about: About, epoch: bigint): Promise<void> {
    const found = await checkpointOf(this.#store, about)
    if (found) this.#shifts.set(found.id, found.epoch - epoch)
  }

  #shown(checkpoint: Checkpoint): Checkpoint {
    return { ...checkpoint, epoch: checkpoint.epoch - this.#shift(checkpoint) }
  }

  #real(checkpoint: Checkpoint): Checkpoint {
    return { ...checkpoint, epoch: checkpoint.epoch + this.#shift(checkpoint) }
  }

  #shift({ id }: Checkpoint): bigint {
    return this.#shifts.get(id) ?? 0n
  }
}
