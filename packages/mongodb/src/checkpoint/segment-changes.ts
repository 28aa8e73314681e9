import {
  type Checkpoint,
  CheckpointConflictError,
  checkpointId,
  type ConsistencyLevel,
  type Generation,
  halvesOf,
} from '@varve/core'
import type { ClientSession } from 'mongodb'
import { RetryBudget } from '../commit/retry-budget.ts'
import { runTransaction } from '../commit/transaction.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'
import type { Checkpoints } from './checkpoints.ts'

/** Splits and merges segments: in a transaction, or in an order that leaves no slot without a segment at any moment. */
export class SegmentChanges {
  readonly #connection: MongoConnection
  readonly #checkpoints: Checkpoints
  readonly #budgetMs: number

  constructor(connection: MongoConnection, checkpoints: Checkpoints, budgetMs: number) {
    this.#connection = connection
    this.#checkpoints = checkpoints
    this.#budgetMs = budgetMs
  }

  /** @throws {CheckpointConflictError} Somebody else took the segment over. */
  async split(level: ConsistencyLevel, generation: Generation, from: Checkpoint): Promise<void> {
    const [lower, upper] = halvesOf(from.slots)
    if (from.slots.first === from.slots.last) {
      // One slot cannot be shared; whoever asks must still be the one who holds it.
      await this.#check(from)
      return
    }
    const epoch = from.epoch + 1n
    const half = { ...from, id: checkpointId(generation, upper), slots: upper, epoch }
    const resized = { last: lower.last, epoch }
    if (level === 'idempotent') {
      await this.#refuseDuplicates(from, () => this.#checkpoints.put(generation, half))
      // A crash before this leaves the half within the whole, where it does not count.
      await this.#settle(from, resized, await this.#checkpoints.resize(from, resized))
      return
    }
    await this.#transact(from, resized, async (session) => {
      if (!(await this.#checkpoints.resize(from, resized, session))) return false
      await this.#checkpoints.put(generation, half, session)
      return true
    })
  }

  /** @throws {CheckpointConflictError} Somebody else took one of them over, or they are not at the same position. */
  async merge(level: ConsistencyLevel, lower: Checkpoint, upper: Checkpoint): Promise<void> {
    const areNeighbours = lower.slots.last + 1 === upper.slots.first
    if (!areNeighbours || lower.position !== upper.position)
      throw new CheckpointConflictError(lower, upper)
    const epoch = (lower.epoch > upper.epoch ? lower.epoch : upper.epoch) + 1n
    const resized = { last: upper.slots.last, epoch }
    if (level === 'idempotent') {
      await this.#check(upper)
      await this.#settle(lower, resized, await this.#checkpoints.resize(lower, resized))
      await this.#checkpoints.removeUpTo(upper.id, epoch)
      return
    }
    await this.#transact(lower, resized, async (session) => {
      if (!(await this.#checkpoints.resize(lower, resized, session))) return false
      return this.#checkpoints.removeOne(upper, session)
    })
  }

  async #check(expected: Checkpoint): Promise<void> {
    const found = await this.#checkpoints.read(expected.id)
    if (found?.epoch !== expected.epoch || found.position !== expected.position)
      throw new CheckpointConflictError(expected, found)
  }

  async #transact(
    from: Checkpoint,
    resized: { readonly last: number; readonly epoch: bigint },
    body: (session: ClientSession) => Promise<boolean>,
  ): Promise<void> {
    const budget = new RetryBudget(this.#budgetMs)
    const { isCommitted } = await runTransaction(this.#connection, budget, (session) =>
      this.#refuseDuplicates(from, () => body(session)),
    )
    await this.#settle(from, resized, isCommitted)
  }

  /** What did not match may be what an earlier try of the same change left, when its answer got lost. */
  async #settle(
    from: Checkpoint,
    { last, epoch }: { readonly last: number; readonly epoch: bigint },
    isChanged: boolean,
  ): Promise<void> {
    if (isChanged) return
    const found = await this.#checkpoints.read(from.id)
    const isDone =
      found?.slots.last === last && found.epoch === epoch && found.position === from.position
    if (!isDone) throw new CheckpointConflictError(from, found)
  }

  async #refuseDuplicates<T>(from: Checkpoint, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      // A later epoch is there already: this worker lost the segment long ago.
      throw new CheckpointConflictError(from, await this.#checkpoints.read(from.id), {
        cause: error,
      })
    }
  }
}
