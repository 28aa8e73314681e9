import { defineReadModel, type DocumentVersion, type DocumentWrite } from '@varve/core'
import { describe, expect, it } from 'vitest'
import { openDate, openPosition } from '../../src/history/history-collection.ts'
import { historyIndexes } from '../../src/history/history-indexes.ts'
import { historyOperations } from '../../src/history/history-operations.ts'
import { dateCell, endedDateCell } from '../../src/history/validity-cell.ts'

const model = defineReadModel('accounts', {
  history: true,
  indexes: [{ keys: { owner: 1, balance: -1 }, unique: true }],
})
const second = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, n))
const version = (position: bigint, at: Date, balance: number | undefined): DocumentVersion => ({
  position,
  recordedAt: at,
  document: balance === undefined ? undefined : { _id: 'a', ...{ balance } },
})
const write = (versions: DocumentVersion[], previous?: bigint): DocumentWrite => ({
  model,
  id: 'a',
  document: versions.at(-1)?.document,
  position: versions.at(-1)?.position ?? 0n,
  events: versions.length,
  previous,
  versions,
})

describe('the versions of a batch', () => {
  it('end where the next one begins; the last one stays open', () => {
    const versions = [version(1n, second(1), 10), version(2n, second(2), 20)]
    expect(historyOperations([write(versions)], 'insert')).toEqual([
      {
        insertOne: {
          document: {
            _id: { id: 'a', from: 1n },
            id: 'a',
            from: 1n,
            to: 2n,
            fromAt: second(1),
            toAt: second(2),
            cell: '0000000000001',
            cellAt: dateCell(second(1), second(2)),
            doc: { _id: 'a', balance: 10 },
          },
        },
      },
      {
        insertOne: {
          document: {
            _id: { id: 'a', from: 2n },
            id: 'a',
            from: 2n,
            to: openPosition,
            fromAt: second(2),
            toAt: openDate,
            cell: '+',
            cellAt: '+',
            doc: { _id: 'a', balance: 20 },
          },
        },
      },
    ])
  })

  it('end the version that was open before', () => {
    const [end] = historyOperations([write([version(5n, second(5), 50)], 3n)], 'insert')
    expect(end).toEqual({
      updateMany: {
        filter: { id: 'a', from: { $lt: 5n }, toAt: { $gt: second(5) } },
        update: { $min: { to: 5n, toAt: second(5) } },
        hint: { id: 1, toAt: 1, fromAt: 1 },
      },
    })
  })

  it('end the one before by its id where all was recorded in order', () => {
    const [end] = historyOperations([write([version(5n, second(5), 50)], 3n)], 'in-order')
    expect(end).toEqual({
      updateOne: {
        filter: { _id: { id: 'a', from: 3n } },
        update: [
          {
            $set: {
              to: { $min: ['$to', 5n] },
              toAt: { $min: ['$toAt', second(5)] },
              cell: '000000000000',
              cellAt: endedDateCell(second(5)),
            },
          },
        ],
      },
    })
  })

  it('have none for a deletion, which only ends what was open', () => {
    const operations = historyOperations([write([version(5n, second(5), undefined)], 3n)], 'insert')
    expect(operations.map((operation) => Object.keys(operation))).toEqual([
      ['updateMany'],
      ['updateOne'],
    ])
  })

  it('that may repeat never open an ended version again', () => {
    const versions = [version(1n, second(1), 10), version(2n, second(2), 20)]
    expect(historyOperations([write(versions)], 'repeat')).toEqual([
      {
        updateOne: {
          filter: { _id: { id: 'a', from: 1n } },
          update: {
            $setOnInsert: {
              id: 'a',
              from: 1n,
              fromAt: second(1),
              doc: { _id: 'a', balance: 10 },
            },
            $min: { to: 2n, toAt: second(2) },
            $set: { cell: '0000000000001', cellAt: dateCell(second(1), second(2)) },
          },
          upsert: true,
        },
      },
      {
        updateOne: {
          filter: { _id: { id: 'a', from: 2n } },
          update: {
            $setOnInsert: {
              id: 'a',
              from: 2n,
              fromAt: second(2),
              doc: { _id: 'a', balance: 20 },
              to: openPosition,
              toAt: openDate,
              cell: '+',
              cellAt: '+',
            },
          },
          upsert: true,
        },
      },
    ])
  })

  it('are never valid at one date together, also where the clock of the log went back', () => {
    const versions = [
      version(1n, second(1), 10),
      version(2n, second(9), 20),
      version(3n, second(5), 30),
    ]
    const made = historyOperations([write(versions)], 'insert').map((operation) => {
      const { fromAt, toAt } = (
        operation as { insertOne: { document: { fromAt: Date; toAt: Date } } }
      ).insertOne.document
      return [fromAt, toAt]
    })
    expect(made).toEqual([
      [second(1), second(5)],
      [second(9), second(5)],
      [second(5), openDate],
    ])
  })
})

describe('the versions that are kept', () => {
  const cut = defineReadModel('accounts', { history: { keepVersions: 2, keepMs: 3_600_000 } })

  it('are counted, and those over the most are dropped with a mark on the oldest that stays', () => {
    const versions = [version(8n, second(8), 80), version(9n, second(9), 90)]
    const made = historyOperations([{ ...write(versions, 7n), model: cut, events: 5 }], 'in-order')
    const numbers = made.map((operation) =>
      'insertOne' in operation ? operation.insertOne.document.n : undefined,
    )
    expect(numbers).toEqual([undefined, 4, 5, undefined, undefined])
    expect(made.slice(3)).toEqual([
      { updateMany: { filter: { id: 'a', n: 4 }, update: { $set: { isCut: true } } } },
      { deleteMany: { filter: { id: 'a', n: { $lte: 3 } } } },
    ])
  })

  it('are dropped by age by the server itself, a minute later than they may be', () => {
    const [expiring] = historyIndexes(cut).filter((index) => 'expireAfterSeconds' in index)
    expect(expiring).toEqual({ key: { toAt: 1 }, name: 'toAt_1', expireAfterSeconds: 3_660 })
  })
})

describe('the indexes of a history', () => {
  it('find by id at a position or date, and by each declared index, none of them unique', () => {
    expect(historyIndexes(model).map(({ key }) => key)).toEqual([
      { id: 1, toAt: 1, fromAt: 1 },
      { cell: 1, id: 1, from: 1, to: 1 },
      { cellAt: 1, id: 1, fromAt: 1, toAt: 1 },
      { 'doc.owner': 1, 'doc.balance': -1, cell: 1, from: 1, to: 1 },
      { 'doc.owner': 1, 'doc.balance': -1, cellAt: 1, fromAt: 1, toAt: 1 },
    ])
  })
})
