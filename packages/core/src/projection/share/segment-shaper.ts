import type { Generation } from '../../read-model/generation.ts'
import type { Checkpoint, ReadModelStore } from '../../read-model/read-model-store.ts'
import { allSlots, halvesOf, type SlotRange } from '../../read-model/slots.ts'
import type { ShareMove } from './plan-share.ts'
import type { WorkerShare } from './worker-share.ts'

/** Splits and merges the segments of one worker, as the work is shared. */
export class SegmentShaper {
  readonly #share: WorkerShare
  readonly #store: ReadModelStore
  readonly #generation: Generation
  #move: ShareMove

  constructor(share: WorkerShare, store: ReadModelStore, generation: Generation) {
    this.#share = share
    this.#store = store
    this.#generation = generation
  }

  /** Looks how the work is shared. Returns whether there is something to do about it. */
  async look(): Promise<boolean> {
    this.#move = await this.#share.look(await segmentsOf(this.#store, this.#generation))
    return this.#move !== undefined
  }

  /**
   * Does what is to be done, when nothing is being written.
   *
   * @param checkpoints Of the segments this worker writes, in the order of slots.
   * @returns Whether its segments are others now: open them anew.
   */
  async reshape(checkpoints: readonly Checkpoint[]): Promise<boolean> {
    if (await this.#merge(checkpoints)) return true
    const move = this.#move
    this.#move = undefined
    if (move?.kind === 'claim') return this.#share.claim(move.slots)
    if (move?.kind !== 'split') return false
    const own = checkpoints.find(
      ({ slots }) => slots.first === move.slots.first && slots.last === move.slots.last,
    )
    return own !== undefined && this.#split(own)
  }

  async #split(checkpoint: Checkpoint): Promise<boolean> {
    const [lower] = halvesOf(checkpoint.slots)
    if (!(await this.#share.claim(lower))) return false
    await this.#store.split(this.#generation, checkpoint)
    return true
  }

  async #merge(checkpoints: readonly Checkpoint[]): Promise<boolean> {
    for (const [index, lower] of checkpoints.entries()) {
      const upper = checkpoints[index + 1]
      if (upper?.slots.first !== lower.slots.last + 1 || upper.position !== lower.position) continue
      const slots = { first: lower.slots.first, last: upper.slots.last }
      if (!(await this.#share.claim(slots))) return false
      await this.#store.merge(this.#generation, lower, upper)
      return true
    }
    return false
  }
}

/** The segments of a generation, in the order of slots. */
export async function segmentsOf(
  store: ReadModelStore,
  generation: Generation,
): Promise<readonly SlotRange[]> {
  const checkpoints = await store.checkpoints(generation)
  return checkpoints.length === 0 ? [allSlots] : checkpoints.map(({ slots }) => slots)
}
