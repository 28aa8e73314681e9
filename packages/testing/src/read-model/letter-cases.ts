import assert from 'node:assert/strict'
import { checkpointId, type DeadLetter, type DeadLetterId, defineReadModel } from '@varve/core'
import { casesOf, type ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { deadLetterStoreContract } from '../dead-letter/dead-letter-store-contract.ts'
import {
  deadLetterStoreSubject,
  letterOf,
  listed,
  namesOf,
} from '../dead-letter/dead-letter-store-subject.ts'
import { openView } from './contract-view.ts'
import {
  onlyCheckpoint,
  type ReadModelStoreSubject,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

const conflict = 'CHECKPOINT_CONFLICT'

/** The letters beside the documents: a dead-letter store like any other. */
export const deadLettersCases: readonly Case[] = casesOf(deadLetterStoreContract).map(
  ({ method, name, run }) => ({
    name: `${method} ${name}`,
    run: ({ store }) => run(deadLetterStoreSubject(store.deadLetters)),
  }),
)

function letterFor(
  { generation, model }: ReadModelStoreSubject,
  position: bigint,
  state: DeadLetter['state'] = 'dead',
): DeadLetter {
  const consumer = checkpointId(generation)
  return letterOf({ consumer, model: model.name, key: 'a', position, state })
}

function idOf({ queue, event }: DeadLetter): DeadLetterId {
  return { queue, position: event.position }
}

async function lettersOf({ store, generation }: ReadModelStoreSubject): Promise<readonly string[]> {
  const letters = await listed(store.deadLetters, { consumer: checkpointId(generation) })
  return namesOf(letters).map((name) => name.slice(name.indexOf('/') + 1))
}

/** Letters in the commit of their batch. */
export const letterCommitCases: readonly Case[] = [
  {
    name: 'puts and removes letters together with the documents of the batch',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const first = letterFor(subject, 2n)
      const writes = [writeOf(model, { _id: 'b' }, 1n)]
      await runner.commitWith({ writes, deadLetters: [first, letterFor(subject, 3n)] }, 3n)
      assert.deepEqual(await lettersOf(subject), ['a@2 dead', 'a@3 dead'])
      const [stored] = await store.deadLetters.queue(first.queue, 1)
      assert.deepEqual(stored, first)
      await runner.commitWith(
        { deadLetters: [letterFor(subject, 4n, 'waiting')], settled: [idOf(first)] },
        5n,
      )
      assert.deepEqual(await lettersOf(subject), ['a@3 dead', 'a@4 waiting'])
      assert.equal((await onlyCheckpoint(store, generation))?.position, 5n)
    },
  },
  {
    name: 'settles letters and mends documents where the checkpoint is already',
    run: async (subject) => {
      const { store, generation, model, other } = subject
      const runner = await SampleRunner.start(subject)
      const letters = [letterFor(subject, 2n), letterFor(subject, 3n, 'waiting')]
      await runner.commitWith({ deadLetters: letters }, 9n)
      const before = runner.checkpoint
      const again = letterFor(subject, 2n, 'retrying')
      await runner.commitWith({ deadLetters: [again] }, 9n)
      assert.deepEqual(await lettersOf(subject), ['a@2 retrying', 'a@3 waiting'])
      const writes = [writeOf(model, { _id: 'a', mended: true }, 3n)]
      const updates = [{ model: other, id: 'a', update: { $inc: { n: 1 } }, position: 3n }]
      await runner.commitWith({ writes, updates, settled: letters.map(idOf) }, 9n)
      assert.deepEqual(runner.checkpoint, before)
      assert.deepEqual(await onlyCheckpoint(store, generation), before)
      assert.deepEqual(await lettersOf(subject), [])
      const found = await openView(store, generation, model).findOne({})
      assert.deepEqual(found, { _id: 'a', mended: true })
      await runner.commit([], 10n)
    },
  },
  {
    name: 'brings no letter back that was given up and settled, when a commit is made once more',
    run: async (subject) => {
      const { store } = subject
      const runner = await SampleRunner.start(subject)
      const letters = [letterFor(subject, 2n), letterFor(subject, 3n, 'waiting')]
      await runner.commitWith({ deadLetters: letters }, 3n)
      const { queue } = letters[0] as DeadLetter
      await store.deadLetters.discard({ consumer: queue.consumer, key: queue.key }, 2n)
      await runner.commitWith({ settled: letters.map(idOf) }, 3n)
      const late = [letterFor(subject, 2n, 'waiting'), letterFor(subject, 4n)]
      await runner.commitWith({ deadLetters: late }, 4n)
      assert.deepEqual(await lettersOf(subject), ['a@4 dead'])
      const left = await store.deadLetters.queue(queue, 10)
      assert.deepEqual(
        left.map(({ event }) => event.position),
        [4n],
      )
      const heads = await store.deadLetters.heads({ consumer: queue.consumer })
      assert.deepEqual(
        heads.map(({ event }) => event.position),
        [4n],
      )
      assert.equal(await store.deadLetters.count({ consumer: queue.consumer }), 1)
    },
  },
  {
    name: 'refuses a runner that lost the checkpoint, and leaves the letters alone',
    run: async (subject) => {
      const zombie = await SampleRunner.start(subject)
      const kept = letterFor(subject, 1n)
      await zombie.commitWith({ deadLetters: [kept] }, 1n)
      await SampleRunner.start(subject)
      const late = { deadLetters: [letterFor(subject, 2n)], settled: [idOf(kept)] }
      for (const position of [1n, 2n]) await rejection(zombie.commitWith(late, position), conflict)
      assert.deepEqual(await lettersOf(subject), ['a@1 dead'])
    },
  },
  {
    name: 'leaves the letters alone when it refuses a document',
    run: async (subject) => {
      const emails = defineReadModel(`${subject.projection}_emails`, {
        indexes: [{ keys: { email: 1 }, unique: true }],
      })
      const runner = await SampleRunner.start({ ...subject, models: [emails] })
      const kept = letterFor(subject, 2n)
      const first = writeOf(emails, { _id: 'a', email: 'x' }, 1n)
      await runner.commitWith({ writes: [first], deadLetters: [kept] }, 2n)
      const second = writeOf(emails, { _id: 'b', email: 'x' }, 3n)
      const refused = runner.commitWith(
        { writes: [second], deadLetters: [letterFor(subject, 4n)], settled: [idOf(kept)] },
        4n,
      )
      await rejection(refused, 'UNIQUE_INDEX_VIOLATION')
      assert.deepEqual(await lettersOf(subject), ['a@2 dead'])
    },
  },
  {
    name: 'refuses a letter that is too large and writes nothing of the commit',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const letter = letterFor(subject, 2n)
      const data = { text: 'x'.repeat(17 * 1024 * 1024) }
      const deadLetters = [letterFor(subject, 1n), { ...letter, event: { ...letter.event, data } }]
      const writes = [writeOf(model, { _id: 'b' }, 1n)]
      await rejection(runner.commitWith({ writes, deadLetters }, 2n), 'DEAD_LETTER_TOO_LARGE')
      assert.equal(await openView(store, generation, model).countDocuments(), 0)
      assert.deepEqual(await lettersOf(subject), [])
      assert.equal((await onlyCheckpoint(store, generation))?.position, undefined)
    },
  },
]

/** What becomes of segments and letters when a generation goes. */
export const dropAllCases: readonly Case[] = [
  {
    name: 'removes every segment and every letter, and those of no other generation',
    run: async (subject) => {
      const { store, generation, models } = subject
      const next = { ...generation, number: 10 }
      const runner = await SampleRunner.start(subject)
      await runner.commitWith({ deadLetters: [letterFor(subject, 1n)] }, 1n)
      const other = { ...subject, generation: next }
      const second = await SampleRunner.start(other)
      await second.commitWith({ deadLetters: [letterFor(other, 1n)] }, 1n)
      await store.split(generation, runner.checkpoint)
      const segments = await store.checkpoints(generation)
      await store.drop(generation, models)
      assert.deepEqual(await store.checkpoints(generation), [])
      assert.deepEqual(await lettersOf(subject), [])
      for (const from of segments) {
        const commit = store.commit({ generation, writes: [], from, position: 2n })
        await rejection(commit, conflict)
      }
      assert.deepEqual(await store.checkpoints(next), [second.checkpoint])
      assert.deepEqual(await lettersOf(other), ['a@1 dead'])
      await store.takeCheckpoint(generation)
    },
  },
]
