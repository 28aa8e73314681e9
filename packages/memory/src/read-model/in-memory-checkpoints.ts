import {
  allSlots,
  type Checkpoint,
  CheckpointConflictError,
  checkpointId,
  type Generation,
  halvesOf,
  type LeftGeneration,
  SegmentGoneError,
  type SlotRange,
} from '@varve/core'

/** The segments of generations, each with its checkpoint. Every change is one step, so no reader sees half of it. */
export class InMemoryCheckpoints {
  /** By generation, in the order of slots. */
  readonly #segments = new Map<string, readonly Checkpoint[]>()

  of(generation: Generation): readonly Checkpoint[] {
    return this.#segments.get(checkpointId(generation)) ?? []
  }

  /** @throws {SegmentGoneError} */
  take(generation: Generation, slots: SlotRange): Checkpoint {
    const segments = this.of(generation)
    const found = segments.find((one) => areSame(one.slots, slots))
    if (!found && (segments.length > 0 || !areSame(slots, allSlots)))
      throw new SegmentGoneError(checkpointId(generation), slots)
    const opened = { id: checkpointId(generation), slots: allSlots, position: undefined, epoch: 0n }
    const { epoch, ...rest } = found ?? opened
    return this.#replace(generation, found ? [found] : [], [{ ...rest, epoch: epoch + 1n }])
  }

  /** @throws {CheckpointConflictError} A checkpoint is not where its worker left it. */
  check(generation: Generation, expected: Checkpoint): Checkpoint {
    const found = this.of(generation).find(({ id }) => id === expected.id)
    const isThere = found?.epoch === expected.epoch && found.position === expected.position
    if (!isThere) throw new CheckpointConflictError(expected, found)
    return found
  }

  /** @throws {CheckpointConflictError} */
  move(generation: Generation, from: Checkpoint, position: bigint): Checkpoint {
    const found = this.check(generation, from)
    return this.#replace(generation, [found], [{ ...found, position }])
  }

  /** @throws {CheckpointConflictError} */
  split(generation: Generation, checkpoint: Checkpoint): void {
    const found = this.check(generation, checkpoint)
    if (found.slots.first === found.slots.last) return
    const epoch = found.epoch + 1n
    const halves = halvesOf(found.slots).map((slots) => ({
      ...found,
      id: checkpointId(generation, slots),
      slots,
      epoch,
    }))
    this.#replace(generation, [found], halves)
  }

  /** @throws {CheckpointConflictError} */
  merge(generation: Generation, lower: Checkpoint, upper: Checkpoint): void {
    const [first, second] = [this.check(generation, lower), this.check(generation, upper)]
    const areNeighbours = first.slots.last + 1 === second.slots.first
    if (!areNeighbours || first.position !== second.position)
      throw new CheckpointConflictError(upper, second)
    const epoch = (first.epoch > second.epoch ? first.epoch : second.epoch) + 1n
    const slots = { first: first.slots.first, last: second.slots.last }
    this.#replace(generation, [first, second], [{ ...first, slots, epoch }])
  }

  /**
   * Gives every segment a new epoch.
   *
   * @throws {CheckpointConflictError} One of them is not where it was left, or there are others.
   */
  leave({ generation, checkpoints }: LeftGeneration): void {
    const found = checkpoints.map((one) => this.check(generation, one))
    const other = this.of(generation).find((one) => !found.includes(one))
    if (other) throw new CheckpointConflictError(checkpoints[0] ?? other, other)
    const left = found.map((one) => ({ ...one, epoch: one.epoch + 1n }))
    this.#replace(generation, found, left)
  }

  drop(generation: Generation): void {
    this.#segments.delete(checkpointId(generation))
  }

  /** Returns the first of what comes in. */
  #replace(
    generation: Generation,
    out: readonly Checkpoint[],
    segments: readonly Checkpoint[],
  ): Checkpoint {
    const kept = this.of(generation).filter((one) => !out.includes(one))
    const sorted = [...kept, ...segments].sort((a, b) => a.slots.first - b.slots.first)
    this.#segments.set(checkpointId(generation), sorted)
    return segments[0] as Checkpoint
  }
}

function areSame(left: SlotRange, right: SlotRange): boolean {
  return left.first === right.first && left.last === right.last
}
