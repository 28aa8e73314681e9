import assert from 'node:assert/strict'
import type { DocumentVersion, ViewPoint } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { type ContractView, openView } from './contract-view.ts'
import {
  type ReadModelStoreSubject,
  type Sample,
  SampleRunner,
  writeOfVersions,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

/** An event at position 10 is recorded in the tenth second. */
const dateOf = (position: number): Date => new Date(Date.UTC(2024, 1, 29) + position * 1000)

function version(position: number, document: Sample | undefined): DocumentVersion {
  return { position: BigInt(position), recordedAt: dateOf(position), document }
}

const a = (position: number, balance: number): DocumentVersion =>
  version(position, { _id: 'a', owner: 'Ada', balance })
const b = (position: number, balance: number): DocumentVersion =>
  version(position, { _id: 'b', owner: 'Bob', balance })

/** a: 10, 20, deleted at 40, back at 50. b: 20, 30 (twice in one batch), 60. */
async function historyOfTwo(
  subject: ReadModelStoreSubject,
): Promise<(at?: ViewPoint) => ContractView> {
  const { store, generation, historical } = subject
  const runner = await SampleRunner.start(subject)
  const write = (id: string, versions: readonly DocumentVersion[], previous?: bigint) =>
    writeOfVersions(historical, id, versions, previous)
  await runner.commit([write('a', [a(10, 1)])])
  await runner.commit([write('a', [a(20, 2)], 10n), write('b', [b(21, 10), b(30, 20)])])
  await runner.commit([write('a', [version(40, undefined)], 20n)])
  await runner.commit([write('a', [a(50, 5)], 40n), write('b', [b(60, 30)], 30n)])
  return (at) => openView(store, generation, historical, at)
}

async function balances(view: ContractView): Promise<Readonly<Record<string, unknown>>> {
  const found = await view.find({}).sort({ _id: 1 }).toArray()
  return Object.fromEntries(found.map((document) => [document._id, document['balance']]))
}

/** What the documents were after each position. */
const expected: readonly (readonly [number, Readonly<Record<string, number>>])[] = [
  [9, {}],
  [10, { a: 1 }],
  [19, { a: 1 }],
  [20, { a: 2 }],
  [21, { a: 2, b: 10 }],
  [29, { a: 2, b: 10 }],
  [30, { a: 2, b: 20 }],
  [39, { a: 2, b: 20 }],
  [40, { b: 20 }],
  [49, { b: 20 }],
  [50, { a: 5, b: 20 }],
  [60, { a: 5, b: 30 }],
  [999, { a: 5, b: 30 }],
]

/** Queries of the documents as they were. */
export const pastViewCases: readonly Case[] = [
  {
    name: 'shows the documents as they were after the event at a position',
    run: async (subject) => {
      const viewAt = await historyOfTwo(subject)
      for (const [position, documents] of expected)
        assert.deepEqual(
          await balances(viewAt({ position: BigInt(position) })),
          documents,
          `at position ${position}`,
        )
    },
  },
  {
    name: 'shows the documents as they were at a date, from the instant of the event on',
    run: async (subject) => {
      const viewAt = await historyOfTwo(subject)
      for (const [position, documents] of expected)
        assert.deepEqual(
          await balances(viewAt({ date: dateOf(position) })),
          documents,
          `in second ${position}`,
        )
      const justBefore = new Date(dateOf(20).getTime() - 1)
      assert.deepEqual(await balances(viewAt({ date: justBefore })), { a: 1 })
    },
  },
  {
    name: 'shows the newest of several versions of one instant',
    run: async (subject) => {
      const { store, generation, historical } = subject
      const runner = await SampleRunner.start(subject)
      const versions = [a(10, 1), { ...a(11, 2), recordedAt: dateOf(10) }]
      await runner.commit([writeOfVersions(historical, 'a', versions)])
      const view = openView(store, generation, historical, { date: dateOf(10) })
      assert.deepEqual(await balances(view), { a: 2 })
    },
  },
  {
    name: 'answers every query in the past as it does now',
    run: async (subject) => {
      const view = (await historyOfTwo(subject))({ position: 30n })
      assert.deepEqual(await view.findOne({ _id: 'a' }), { _id: 'a', owner: 'Ada', balance: 2 })
      assert.deepEqual(await view.findOne({ owner: 'Bob' }), {
        _id: 'b',
        owner: 'Bob',
        balance: 20,
      })
      assert.equal(await view.findOne({ balance: 30 }), null)
      const rich = await view
        .find({ balance: { $gt: 1 } })
        .sort({ balance: -1 })
        .limit(1)
        .toArray()
      assert.deepEqual(rich, [{ _id: 'b', owner: 'Bob', balance: 20 }])
      assert.deepEqual(await view.find({ _id: 'b' }).project({ balance: 1 }).toArray(), [
        { _id: 'b', balance: 20 },
      ])
      assert.equal(await view.countDocuments({ owner: 'Ada' }), 1)
      assert.deepEqual((await view.distinct('owner')).toSorted(), ['Ada', 'Bob'])
      const totals = view.aggregate([{ $group: { _id: null, total: { $sum: '$balance' } } }])
      assert.deepEqual(await totals.toArray(), [{ _id: null, total: 22 }])
    },
  },
  {
    name: 'shows the past unchanged by what is committed later',
    run: async (subject) => {
      const { store, generation, historical } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOfVersions(historical, 'a', [a(10, 1)])])
      const view = openView(store, generation, historical, { position: 10n })
      await runner.commit([writeOfVersions(historical, 'a', [a(20, 2)], 10n)])
      assert.deepEqual(await balances(view), { a: 1 })
    },
  },
  {
    name: 'shows a model with history as it is now, too',
    run: async (subject) => {
      const viewAt = await historyOfTwo(subject)
      assert.deepEqual(await balances(viewAt()), { a: 5, b: 30 })
      assert.deepEqual(await viewAt().findOne({ _id: 'a' }), {
        _id: 'a',
        owner: 'Ada',
        balance: 5,
      })
    },
  },
  {
    name: 'keeps no versions of a refused commit',
    run: async (subject) => {
      const { store, generation, historical } = subject
      const zombie = await SampleRunner.start(subject)
      const runner = await SampleRunner.start(subject)
      const late = zombie.commit([writeOfVersions(historical, 'a', [a(10, 99)])])
      await rejection(late, 'CHECKPOINT_CONFLICT')
      await runner.commit([writeOfVersions(historical, 'a', [a(11, 1)])])
      const at = (position: bigint): ContractView =>
        openView(store, generation, historical, { position })
      assert.deepEqual(await balances(at(10n)), {})
      assert.deepEqual(await balances(at(11n)), { a: 1 })
    },
  },
  {
    name: 'refuses the past of a model without history',
    run: async ({ store, generation, model, models }) => {
      await store.create(generation, models)
      const past = async (): Promise<unknown> =>
        openView(store, generation, model, { position: 1n }).findOne({})
      await rejection(past(), 'READ_MODEL_WITHOUT_HISTORY')
    },
  },
]
