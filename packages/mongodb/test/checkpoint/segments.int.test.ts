import {
  allSlots,
  type Checkpoint,
  CheckpointConflictError,
  checkpointId,
  halvesOf,
  SegmentGoneError,
  SegmentsTornError,
  slotOf,
} from '@varve/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MongoReadModelStore } from '../../src/index.ts'
import { type OpenStore, openStore } from '../open-store.ts'
import { account, accounts, commit, generation, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

const [lowerHalf, upperHalf] = halvesOf(allSlots)
const upperId = checkpointId(generation, upperHalf)

describe('segments without transactions', () => {
  let server: TestServer
  let open: OpenStore
  let store: MongoReadModelStore

  beforeAll(async () => {
    server = await startServer('idempotent')
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    open = openStore(server, 'idempotent')
    store = open.store
    await store.create(generation, [accounts])
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const stored = () =>
    open.connection.database.collection<{ _id: string; last: number }>('varve_checkpoints')
  const ranges = async (): Promise<readonly (readonly [number, number])[]> =>
    (await store.checkpoints(generation)).map(({ slots }) => [slots.first, slots.last])
  /** Splits at position 5 and puts the whole back, as a crash leaves it that came before it was cut. */
  const crashWhileSplitting = async (): Promise<Checkpoint> => {
    const whole = await commit(store, await store.takeCheckpoint(generation), 5n, [])
    const [before] = await stored().find({ _id: whole.id }, { useBigInt64: true }).toArray()
    await store.split(generation, whole)
    await stored().replaceOne({ _id: whole.id }, before!)
    return whole
  }
  /** Merges at position 5 and puts the upper half back, as a crash leaves it that came before it was removed. */
  const crashWhileMerging = async (): Promise<Checkpoint> => {
    const whole = await commit(store, await store.takeCheckpoint(generation), 5n, [])
    await store.split(generation, whole)
    const lower = await store.takeCheckpoint(generation, lowerHalf)
    const upper = await store.takeCheckpoint(generation, upperHalf)
    const [before] = await stored().find({ _id: upper.id }, { useBigInt64: true }).toArray()
    await store.merge(generation, lower, upper)
    await stored().insertOne(before!)
    return upper
  }

  it('are one whole after a crash in the middle of a split, and the next worker goes on and splits again', async () => {
    const whole = await crashWhileSplitting()
    expect(await store.checkpoints(generation)).toEqual([whole])
    const moved = await commit(store, await store.takeCheckpoint(generation), 9n, [])
    await store.split(generation, moved)
    expect(await ranges()).toEqual([
      [0, 511],
      [512, 1023],
    ])
    const positions = (await store.checkpoints(generation)).map(({ position }) => position)
    expect(positions).toEqual([9n, 9n])
  })

  it('are one whole after a crash in the middle of a merge, which the half is no part of', async () => {
    const zombie = await crashWhileMerging()
    expect(await ranges()).toEqual([[0, 1023]])
    const whole = await store.takeCheckpoint(generation)
    expect(whole.position).toBe(5n)
    await store.split(generation, await commit(store, whole, 7n, []))
    const [, upper] = await store.checkpoints(generation)
    expect(upper).toMatchObject({ id: upperId, position: 7n })
    expect(upper!.epoch > zombie.epoch).toBe(true)
    await expect(commit(store, zombie, 8n, [])).rejects.toThrow(CheckpointConflictError)
  })

  it('that a crash left within a larger one cannot be taken', async () => {
    await crashWhileSplitting()
    await expect(store.takeCheckpoint(generation, upperHalf)).rejects.toThrow(SegmentGoneError)
  })

  it('are split by the same worker after a split of its own that was cut off', async () => {
    const whole = await crashWhileSplitting()
    await store.split(generation, await commit(store, whole, 9n, []))
    const positions = (await store.checkpoints(generation)).map(({ position }) => position)
    expect(positions).toEqual([9n, 9n])
  })

  it('each remember the deletions of their own documents, also of before they were split', async () => {
    const upperDocument = ['a', 'b', 'c', 'd'].find((id) => slotOf(id) >= upperHalf.first)!
    const first = await commit(store, await store.takeCheckpoint(generation), 1n, [
      write(account(upperDocument, 'Ann', 1), 1n),
    ])
    await open.connection.database.collection('varve_tombstones').insertOne({
      _id: { collection: 'accounts__v1_1', id: upperDocument },
      generation: checkpointId(generation),
      slot: slotOf(upperDocument),
      position: 5n,
    } as never)
    await store.split(generation, first)
    const tombstones = open.connection.database.collection('varve_tombstones')
    await commit(store, await store.takeCheckpoint(generation, lowerHalf), 9n, [])
    expect(await tombstones.countDocuments()).toBe(1)
    await commit(store, await store.takeCheckpoint(generation, upperHalf), 9n, [])
    expect(await tombstones.countDocuments()).toBe(0)
  })

  it('stay whole where a crash left one that the halves of a wider one cut through', async () => {
    await store.split(generation, await store.takeCheckpoint(generation))
    await store.split(generation, await store.takeCheckpoint(generation, lowerHalf))
    const second = halvesOf(lowerHalf)[1]
    const lower = await store.takeCheckpoint(generation, second)
    const upper = await store.takeCheckpoint(generation, upperHalf)
    const [before] = await stored().find({ _id: upper.id }, { useBigInt64: true }).toArray()
    await store.merge(generation, lower, upper)
    await stored().insertOne(before!)
    const wide = { first: second.first, last: allSlots.last }
    await store.split(generation, await store.takeCheckpoint(generation, wide))
    expect(await ranges()).toEqual([
      [0, 255],
      [256, 639],
      [640, 1023],
    ])
    await expect(store.takeCheckpoint(generation, upperHalf)).rejects.toThrow(SegmentGoneError)
  })

  it('are one of all slots where the checkpoint was written before there were segments', async () => {
    const old = { _id: checkpointId(generation), position: 4n, epoch: 3n }
    await stored().insertOne(old as never)
    const found = { id: old._id, slots: allSlots, position: 4n, epoch: 3n }
    expect(await store.checkpoints(generation)).toEqual([found])
    const taken = await store.takeCheckpoint(generation)
    expect(taken).toEqual({ ...found, epoch: 4n })
    await store.split(generation, await commit(store, taken, 5n, []))
    expect(await ranges()).toEqual([
      [0, 511],
      [512, 1023],
    ])
    await expect(store.takeCheckpoint(generation)).rejects.toThrow(SegmentGoneError)
  })

  it('that leave slots out are reported with what is there and what to do', async () => {
    await store.split(generation, await store.takeCheckpoint(generation))
    await stored().deleteOne({ _id: upperId })
    const reading = store.checkpoints(generation)
    await expect(reading).rejects.toThrow(SegmentsTornError)
    await expect(reading).rejects.toThrow(
      'do not cover every slot once: found 0-511. Checkpoints were changed or removed by hand; rebuild the projection.',
    )
  })
})
