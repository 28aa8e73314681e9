import assert from 'node:assert/strict'
import { defineReadModel, type ViewPoint } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { openView } from './contract-view.ts'
import {
  type ReadModelStoreSubject,
  type Sample,
  SampleRunner,
  writeOfVersions,
} from './read-model-store-subject.ts'

const dateOf = (position: number): Date => new Date(Date.UTC(2024, 1, 29) + position * 1000)

/** Writes versions at positions 10, 20, … of one document, three in a commit. */
async function versionsOf(subject: ReadModelStoreSubject, count: number): Promise<void> {
  const [, , model] = subject.models
  assert.ok(model)
  const runner = await SampleRunner.start(subject)
  for (let first = 1; first <= count; first += 3) {
    const numbers = [first, first + 1, first + 2].filter((n) => n <= count)
    const versions = numbers.map((n) => ({
      position: BigInt(n * 10),
      recordedAt: dateOf(n * 10),
      document: { _id: 'a', balance: n } satisfies Sample,
    }))
    const previous = first === 1 ? undefined : BigInt((first - 1) * 10)
    const write = writeOfVersions(model, 'a', versions, previous)
    await runner.commit([{ ...write, events: numbers.at(-1) ?? 0 }])
  }
}

/** How stores tell what of a history is left. */
export const reachesCases: readonly ContractCase<ReadModelStoreSubject>[] = [
  {
    name: 'is true at any point of a history that keeps everything',
    run: async (subject) => {
      const { store, generation, historical } = subject
      await versionsOf(subject, 7)
      for (const at of [{ position: 1n }, { position: 35n }, { date: dateOf(70) }])
        assert.equal(await store.reaches(generation, historical, at), true)
    },
  },
  {
    name: 'is false where versions over the most that are kept may be missing, and true behind',
    run: async (subject) => {
      const { store, generation, model, other, historical } = subject
      const cut = defineReadModel(historical.name, { history: { keepVersions: 3 } })
      await versionsOf({ ...subject, historical: cut, models: [model, other, cut] }, 10)
      for (let n = 0; n <= 11; n += 1) {
        const points: ViewPoint[] = [{ position: BigInt(n * 10 + 5) }, { date: dateOf(n * 10 + 5) }]
        for (const at of points) {
          const reaches = await store.reaches(generation, cut, at)
          if (n >= 8) assert.equal(reaches, true, `after version ${n}`)
          if (!reaches) continue
          const found = await openView(store, generation, cut, at).findOne({ _id: 'a' })
          assert.equal(found?.['balance'], n === 0 ? undefined : Math.min(n, 10))
        }
      }
    },
  },
  {
    name: 'is true of times within those that are kept',
    run: async (subject) => {
      const { store, generation, model, other, historical } = subject
      const keepMs = Date.now() - dateOf(0).getTime() + 3_600_000
      const kept = defineReadModel(historical.name, { history: { keepMs } })
      await versionsOf({ ...subject, historical: kept, models: [model, other, kept] }, 4)
      for (const at of [{ position: 25n }, { date: dateOf(15) }])
        assert.equal(await store.reaches(generation, kept, at), true)
    },
  },
]
