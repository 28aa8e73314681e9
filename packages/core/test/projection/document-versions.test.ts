import { describe, expect, test } from 'vitest'
import {
  defineProjection,
  defineReadModel,
  on,
  type ReadModelCommit,
  type ReadModelDocument,
} from '../../src/index.ts'
import { closed, deposited, opened } from '../fixtures/accounts.ts'
import { recordingCommits } from '../fixtures/recording-commits.ts'
import { World } from '../fixtures/world.ts'

describe('a read model with history', () => {
  interface Line extends ReadModelDocument {
    amounts: number[]
  }
  class LineDocument implements Line {
    constructor(
      readonly _id: string,
      public amounts: number[],
    ) {}
  }
  test.each<[string, (id: string) => Line]>([
    ['plain objects', (id) => ({ _id: id, amounts: [] })],
    ['instances of a class', (id) => new LineDocument(id, [])],
  ])('keeps every version of documents that are %s', async (_name, make) => {
    const commits: ReadModelCommit[] = []
    const lines = defineReadModel<Line>('lines', { history: true })
    const projection = defineProjection('lines', {
      into: lines,
      handlers: [
        on(opened, lines, (_event, _document, { aggregateId }) => make(aggregateId)),
        on(deposited, lines, ({ amount }, document) => void document!.amounts.push(amount)),
        on(deposited, lines, (_event, document) => void document!.amounts.sort()),
        on(closed, lines, () => null),
      ],
    })
    await using world = new World([projection], { readModels: recordingCommits(commits) })
    const events = [
      opened.create({ owner: 'Ada' }),
      deposited.create({ amount: 2 }),
      deposited.create({ amount: 1 }),
      closed.create({}),
    ]
    await world.append('account-a1', ...events)
    await world.projections.start()
    await world.settle('lines')
    expect(
      commits[0]?.writes[0]?.versions.map(({ position, document }) => [position, document]),
    ).toEqual([
      [0n, { _id: 'a1', amounts: [] }],
      [1n, { _id: 'a1', amounts: [2] }],
      [2n, { _id: 'a1', amounts: [1, 2] }],
      [3n, undefined],
    ])
  })
})
