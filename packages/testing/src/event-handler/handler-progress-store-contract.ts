import assert from 'node:assert/strict'
import type { HandlerProgress, HandlerProgressStore } from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'
import { assertCodes, outcomes, rejection } from '../contract/expectations.ts'
import type { HandlerProgressSubject } from './event-handler-subjects.ts'

const conflict = 'EVENT_HANDLER_CONFLICT'
/** Beyond what a JavaScript number can hold. */
const far = 2n ** 60n + 1n

const opened = (handler: string, position: bigint | undefined): HandlerProgress => ({
  handler,
  position,
  furthest: position,
  epoch: 0n,
  moves: 0,
  isPaused: false,
})

const read: readonly ContractCase<HandlerProgressSubject>[] = [
  {
    name: 'returns nothing for a handler that was never opened',
    run: async ({ store, handler }) => {
      assert.equal(await store.read(handler), undefined)
    },
  },
  {
    name: 'returns what was stored last, positions to the last digit',
    run: async ({ store, handler }) => {
      const taken = await store.take(handler)
      const advanced = await store.advance(taken, far)
      assert.deepEqual(await store.read(handler), advanced)
      assert.equal(advanced.position, far)
    },
  },
  {
    name: 'keeps handlers apart',
    run: async ({ store, handler }) => {
      await store.open(handler, 5n)
      assert.equal(await store.read(`${handler}-other`), undefined)
    },
  },
]

const open: readonly ContractCase<HandlerProgressSubject>[] = [
  {
    name: 'makes a record at the position, which is also the furthest',
    run: async ({ store, handler }) => {
      await store.open(handler, far)
      assert.deepEqual(await store.read(handler), opened(handler, far))
    },
  },
  {
    name: 'makes a record before the first event',
    run: async ({ store, handler }) => {
      await store.open(handler, undefined)
      assert.deepEqual(await store.read(handler), opened(handler, undefined))
    },
  },
  {
    name: 'leaves a record that is there as it is',
    run: async ({ store, handler }) => {
      await store.open(handler, undefined)
      await store.open(handler, 7n)
      assert.equal((await store.read(handler))?.position, undefined)
      const taken = await store.take(handler)
      await store.open(handler, 9n)
      assert.deepEqual(await store.read(handler), taken)
    },
  },
  {
    name: 'makes one record for many that race',
    run: async ({ store, handler }) => {
      const positions = Array.from({ length: 10 }, (_, index) => BigInt(index))
      await Promise.all(positions.map((position) => store.open(handler, position)))
      const found = await store.read(handler)
      assert.equal(found?.position, found?.furthest)
      await store.open(handler, 99n)
      assert.deepEqual(await store.read(handler), found)
    },
  },
]

const take: readonly ContractCase<HandlerProgressSubject>[] = [
  {
    name: 'opens a handler that is new, before the first event',
    run: async ({ store, handler }) => {
      const taken = await store.take(handler)
      assert.equal(taken.position, undefined)
      assert.equal(taken.furthest, undefined)
      assert.equal(taken.moves, 0)
      assert.equal(taken.isPaused, false)
      assert.deepEqual(await store.read(handler), taken)
    },
  },
  {
    name: 'raises the epoch and keeps everything else',
    run: async ({ store, handler }) => {
      await store.open(handler, 5n)
      await store.setPaused(handler, true)
      const first = await store.take(handler)
      const second = await store.take(handler)
      assert.ok(second.epoch > first.epoch, `epoch ${second.epoch} after ${first.epoch}`)
      assert.deepEqual({ ...second, epoch: first.epoch }, first)
      assert.equal(second.isPaused, true)
    },
  },
  {
    name: 'gives each of many that race an epoch of its own',
    run: async ({ store, handler }) => {
      const taken = await Promise.all(Array.from({ length: 10 }, () => store.take(handler)))
      assert.equal(new Set(taken.map(({ epoch }) => epoch)).size, 10)
    },
  },
]

const advance: readonly ContractCase<HandlerProgressSubject>[] = [
  {
    name: 'moves position and furthest on, from nothing and from a position',
    run: async ({ store, handler }) => {
      const taken = await store.take(handler)
      const first = await store.advance(taken, 5n)
      assert.deepEqual(first, { ...taken, position: 5n, furthest: 5n })
      const second = await store.advance(first, 8n)
      assert.deepEqual(second, { ...taken, position: 8n, furthest: 8n })
      assert.deepEqual(await store.read(handler), second)
    },
  },
  {
    name: 'refuses an older epoch, and changes nothing',
    run: async ({ store, handler }) => {
      const old = await store.take(handler)
      const held = await store.take(handler)
      await rejection(store.advance(old, 5n), conflict)
      assert.deepEqual(await store.read(handler), held)
    },
  },
  {
    name: 'refuses an older epoch that would move to where the handler is',
    run: async ({ store, handler }) => {
      const old = await store.take(handler)
      await store.advance(await store.take(handler), 5n)
      await rejection(store.advance(old, 5n), conflict)
    },
  },
  {
    name: 'refuses another position than the stored one, and changes nothing',
    run: async ({ store, handler }) => {
      const taken = await store.take(handler)
      const advanced = await store.advance(taken, 5n)
      await rejection(store.advance(taken, 9n), conflict)
      await rejection(store.advance({ ...advanced, position: 4n }, 9n), conflict)
      assert.deepEqual(await store.read(handler), advanced)
    },
  },
  {
    name: 'succeeds without effect when it is called again',
    run: async ({ store, handler }) => {
      const taken = await store.take(handler)
      const advanced = await store.advance(taken, 5n)
      assert.deepEqual(await store.advance(taken, 5n), advanced)
      assert.deepEqual(await store.read(handler), advanced)
    },
  },
  {
    name: 'lets one of many win that race to different positions',
    run: async ({ store, handler }) => {
      const taken = await store.take(handler)
      const { values, errors } = await outcomes(
        Array.from({ length: 10 }, (_, index) => store.advance(taken, BigInt(index))),
      )
      assert.equal(values.length, 1, `${values.length} calls moved the handler`)
      assertCodes(errors, conflict)
      assert.deepEqual(await store.read(handler), values[0])
    },
  },
  {
    name: 'refuses a handler that was never opened',
    run: async ({ store, handler }) => {
      const from: HandlerProgress = {
        handler,
        position: undefined,
        furthest: undefined,
        epoch: 1n,
        moves: 0,
        isPaused: false,
      }
      await rejection(store.advance(from, 5n), conflict)
      assert.equal(await store.read(handler), undefined)
    },
  },
]

const move: readonly ContractCase<HandlerProgressSubject>[] = [
  {
    name: 'goes back, and remembers how far the handler was',
    run: async ({ store, handler }) => {
      const advanced = await store.advance(await store.take(handler), 8n)
      const moved = await store.move(handler, 3n)
      assert.equal(moved.position, 3n)
      assert.equal(moved.furthest, 8n)
      assert.equal(moved.moves, advanced.moves + 1)
      assert.deepEqual(await store.read(handler), moved)
    },
  },
  {
    name: 'goes back to before the first event',
    run: async ({ store, handler }) => {
      await store.advance(await store.take(handler), 8n)
      const moved = await store.move(handler, undefined)
      assert.equal(moved.position, undefined)
      assert.equal(moved.furthest, 8n)
    },
  },
  {
    name: 'goes on, and takes the furthest along',
    run: async ({ store, handler }) => {
      await store.advance(await store.take(handler), 8n)
      const moved = await store.move(handler, far)
      assert.equal(moved.position, far)
      assert.equal(moved.furthest, far)
    },
  },
  {
    name: 'has who runs the handler refused, wherever it moves',
    run: async ({ store, handler }) => {
      const advanced = await store.advance(await store.take(handler), 8n)
      const moved = await store.move(handler, 8n)
      assert.ok(moved.epoch > advanced.epoch)
      await rejection(store.advance(advanced, 9n), conflict)
    },
  },
  {
    name: 'is gone on from, with the furthest as it was until it is passed',
    run: async ({ store, handler }) => {
      await store.advance(await store.take(handler), 8n)
      await store.move(handler, 3n)
      const behind = await store.advance(await store.take(handler), 5n)
      assert.equal(behind.furthest, 8n)
      assert.equal((await store.advance(behind, 9n)).furthest, 9n)
    },
  },
  {
    name: 'opens a handler that is new',
    run: async ({ store, handler }) => {
      const moved = await store.move(handler, 5n)
      assert.deepEqual(await store.read(handler), moved)
      assert.deepEqual(
        { ...moved, epoch: 0n },
        { handler, position: 5n, furthest: 5n, epoch: 0n, moves: 1, isPaused: false },
      )
      const other = `${handler}-other`
      assert.equal((await store.move(other, undefined)).furthest, undefined)
    },
  },
]

const setPaused: readonly ContractCase<HandlerProgressSubject>[] = [
  {
    name: 'notes that a handler rests or goes on, and changes nothing else',
    run: async ({ store, handler }) => {
      const advanced = await store.advance(await store.take(handler), 8n)
      await store.setPaused(handler, true)
      assert.deepEqual(await store.read(handler), { ...advanced, isPaused: true })
      await store.setPaused(handler, true)
      await store.setPaused(handler, false)
      assert.deepEqual(await store.read(handler), advanced)
    },
  },
  {
    name: 'does not take the handler from who runs it',
    run: async ({ store, handler }) => {
      const taken = await store.take(handler)
      await store.setPaused(handler, true)
      const advanced = await store.advance(taken, 5n)
      assert.equal(advanced.isPaused, true)
    },
  },
  {
    name: 'opens a handler that is new, and leaves it paused',
    run: async ({ store, handler }) => {
      await store.setPaused(handler, true)
      assert.equal((await store.take(handler)).isPaused, true)
    },
  },
]

/** What every {@link HandlerProgressStore} promises. */
export const handlerProgressStoreContract = {
  read,
  open,
  take,
  advance,
  move,
  setPaused,
} satisfies ContractSuite<HandlerProgressStore, HandlerProgressSubject>
