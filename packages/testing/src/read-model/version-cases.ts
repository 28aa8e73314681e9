import assert from 'node:assert/strict'
import type { DocumentVersion, StoredVersion, VersionKey } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import {
  type ReadModelStoreSubject,
  type Sample,
  SampleRunner,
  writeOfVersions,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

/** An event at position 10 is recorded in the tenth second. */
const dateOf = (position: number): Date => new Date(Date.UTC(2024, 1, 29) + position * 1000)

function version(id: string, position: number, balance: number | undefined): DocumentVersion {
  const document: Sample | undefined = balance === undefined ? undefined : { _id: id, balance }
  return { position: BigInt(position), recordedAt: dateOf(position), document }
}

/** a: 10, 20, deleted at 40, back at 50. b: 21, 30 in one batch. gone: 15, deleted at 25. */
async function writeVersions(subject: ReadModelStoreSubject): Promise<void> {
  const { historical } = subject
  const runner = await SampleRunner.start(subject)
  const write = (id: string, versions: readonly DocumentVersion[], previous?: bigint) =>
    writeOfVersions(historical, id, versions, previous)
  const [a, b, gone] = ['a', 'b', 'gone'] as const
  await runner.commit([write(a, [version(a, 10, 1)]), write(gone, [version(gone, 15, 7)])])
  await runner.commit([
    write(a, [version(a, 20, 2)], 10n),
    write(b, [version(b, 21, 10), version(b, 30, 20)]),
    write(gone, [version(gone, 25, undefined)], 15n),
  ])
  await runner.commit([write(a, [version(a, 40, undefined)], 20n)])
  await runner.commit([write(a, [version(a, 50, 5)], 40n)])
}

function valid(id: string, from: number, to: number | undefined, balance: number): StoredVersion {
  return {
    id,
    from: BigInt(from),
    to: to === undefined ? undefined : BigInt(to),
    fromAt: dateOf(from),
    toAt: to === undefined ? undefined : dateOf(to),
    document: { _id: id, balance } as Sample,
  }
}

const all: readonly StoredVersion[] = [
  valid('a', 10, 20, 1),
  valid('a', 20, 40, 2),
  valid('a', 50, undefined, 5),
  valid('b', 21, 30, 10),
  valid('b', 30, undefined, 20),
  valid('gone', 15, 25, 7),
]

/** Walking through versions. */
export const listVersionsCases: readonly Case[] = [
  {
    name: 'names every version once with its validity, page by page, those of a document oldest first',
    run: async (subject) => {
      const { store, generation, historical } = subject
      await writeVersions(subject)
      for (const limit of [1, 2, 3, 100]) {
        const found: StoredVersion[] = []
        for (let after: VersionKey | undefined; ;) {
          const page = await store.listVersions(generation, historical, after, limit)
          assert.ok(page.length <= limit, `a page of ${limit} has ${page.length} versions`)
          found.push(...page)
          if (page.length < limit) break
          after = page.at(-1)
        }
        const byId = ['a', 'b', 'gone'].flatMap((id) => found.filter((one) => one.id === id))
        assert.deepEqual(byId, all)
        assert.equal(found.length, all.length)
      }
    },
  },
  {
    name: 'ends versions with the earliest date after them where the clock of the log went back',
    run: async (subject) => {
      const { store, generation, historical } = subject
      const runner = await SampleRunner.start(subject)
      const late = (position: number, second: number): DocumentVersion => ({
        ...version('a', position, position),
        recordedAt: dateOf(second),
      })
      await runner.commit([writeOfVersions(historical, 'a', [late(1, 10), late(2, 30)])])
      await runner.commit([writeOfVersions(historical, 'a', [late(3, 20)], 2n)])
      const found = await store.listVersions(generation, historical, undefined, 10)
      assert.deepEqual(
        found.map(({ from, to, toAt }) => [from, to, toAt]),
        [
          [1n, 2n, dateOf(20)],
          [2n, 3n, dateOf(20)],
          [3n, undefined, undefined],
        ],
      )
    },
  },
  {
    name: 'is empty where there is nothing',
    run: async ({ store, generation, historical }) => {
      assert.deepEqual(await store.listVersions(generation, historical, undefined, 10), [])
    },
  },
]

/** Looking versions up. */
export const loadVersionsCases: readonly Case[] = [
  {
    name: 'finds versions by their keys and leaves out what is not there',
    run: async (subject) => {
      const { store, generation, historical } = subject
      await writeVersions(subject)
      const keys = [
        { id: 'gone', from: 15n },
        { id: 'a', from: 20n },
        { id: 'a', from: 40n },
        { id: 'b', from: 20n },
        { id: 'nobody', from: 10n },
      ]
      const found = await store.loadVersions(generation, historical, keys)
      assert.deepEqual(
        found.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
        [valid('a', 20, 40, 2), valid('gone', 15, 25, 7)],
      )
      assert.deepEqual(await store.loadVersions(generation, historical, []), [])
    },
  },
]
