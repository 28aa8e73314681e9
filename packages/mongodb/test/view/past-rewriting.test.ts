import { describe, expect, it } from 'vitest'
import { PastViewUnsupportedError } from '../../src/index.ts'
import { splitPassing } from '../../src/view/pass-through-stages.ts'
import { pastExpression } from '../../src/view/past-expression.ts'
import { cellsAround, cellsAroundDate } from '../../src/history/validity-cell.ts'
import { pastFilter, validAt } from '../../src/view/past-filter.ts'
import { pastPipeline } from '../../src/view/past-pipeline.ts'
import { pastProjection } from '../../src/view/past-projection.ts'
import { pastSort } from '../../src/view/past-sort.ts'

describe('a filter on the past', () => {
  it.each([
    [{ _id: 'a' }, { id: 'a' }],
    [{ _id: { $in: ['a', 'b'] } }, { id: { $in: ['a', 'b'] } }],
    [{ owner: 'Ann' }, { 'doc.owner': 'Ann' }],
    [{ 'address.city': { $exists: true } }, { 'doc.address.city': { $exists: true } }],
    [
      { $or: [{ a: 1 }, { $and: [{ _id: 'x' }, { $nor: [{ b: 2 }] }] }] },
      { $or: [{ 'doc.a': 1 }, { $and: [{ id: 'x' }, { $nor: [{ 'doc.b': 2 }] }] }] },
    ],
    [{ items: { $elemMatch: { a: 1 } } }, { 'doc.items': { $elemMatch: { a: 1 } } }],
    [{ $expr: { $gt: ['$a', '$b'] } }, { $expr: { $gt: ['$doc.a', '$doc.b'] } }],
    [{ $comment: 'why' }, { $comment: 'why' }],
    [
      { $jsonSchema: { required: ['a'] } },
      { $jsonSchema: { required: ['doc'], properties: { doc: { required: ['a'] } } } },
    ],
  ])('turns %j into %j', (filter, rewritten) => {
    expect(pastFilter('accounts', filter)).toEqual(rewritten)
  })

  it.each(['$where', '$text'])('refuses %s', (operator) => {
    expect(() => pastFilter('accounts', { $or: [{ [operator]: 'x' }] })).toThrow(
      PastViewUnsupportedError,
    )
  })

  it('selects what is valid at a position or date', () => {
    const date = new Date(0)
    expect(validAt({ position: 5n })).toEqual({
      cell: { $in: cellsAround(5n) },
      from: { $lte: 5n },
      to: { $gt: 5n },
    })
    expect(validAt({ date })).toEqual({
      cellAt: { $in: cellsAroundDate(date) },
      fromAt: { $lte: date },
      toAt: { $gt: date },
    })
  })
})

describe('an expression on the past', () => {
  it.each([
    ['$a.b', '$doc.a.b'],
    ['$$ROOT', '$doc'],
    ['$$ROOT.a', '$doc.a'],
    ['$$NOW', '$$NOW'],
    ['text', 'text'],
    [{ $literal: '$a' }, { $literal: '$a' }],
    [{ $getField: 'a.b' }, { $getField: { field: 'a.b', input: '$doc' } }],
    [
      { $map: { input: '$items', as: 'i', in: '$$i.a' } },
      { $map: { input: '$doc.items', as: 'i', in: '$$i.a' } },
    ],
  ])('turns %j into %j', (expression, rewritten) => {
    expect(pastExpression(expression)).toEqual(rewritten)
  })

  it('leaves dates and other values alone', () => {
    const date = new Date(0)
    expect(pastExpression({ $gt: ['$at', date] })).toEqual({ $gt: ['$doc.at', date] })
  })
})

describe('a projection of the past', () => {
  it.each([
    [undefined, { _id: 0, doc: 1 }],
    [{}, { _id: 0, doc: 1 }],
    [{ owner: 1 }, { _id: 0, 'doc._id': 1, 'doc.owner': 1 }],
    [
      { _id: 0, owner: 1 },
      { _id: 0, 'doc.owner': 1 },
    ],
    [{ owner: 0 }, { _id: 0, 'doc.owner': 0 }],
    [{ _id: 0 }, { _id: 0, 'doc._id': 0 }],
    [{ _id: 1 }, { _id: 0, 'doc._id': 1 }],
    [{ sum: { $add: ['$a', 1] } }, { _id: 0, 'doc._id': 1, 'doc.sum': { $add: ['$doc.a', 1] } }],
  ])('turns %j into %j', (projection, rewritten) => {
    expect(pastProjection(projection)).toEqual(rewritten)
  })
})

describe('a sort of the past', () => {
  const byOwner = [['doc.owner', -1]]
  it.each([
    ['an object', { owner: -1 } as const, byOwner],
    ['a map', new Map([['owner', -1 as const]]), byOwner],
    ['pairs', [['owner', -1]] as const, byOwner],
    ['a pair', ['owner', -1] as const, byOwner],
    ['a name', 'owner', [['doc.owner', 1]]],
    [
      'names',
      ['owner', '_id'],
      [
        ['doc.owner', 1],
        ['id', 1],
      ],
    ],
  ])('takes %s', (_, sort, rewritten) => {
    expect(pastSort(sort)).toEqual(rewritten)
  })

  it('takes a name with a direction', () => {
    expect(pastSort('_id', 'desc')).toEqual([['id', 'desc']])
  })
})

describe('a pipeline on the past', () => {
  const valid = validAt({ position: 5n })
  const replaced = { $replaceRoot: { newRoot: '$doc' } }

  it('starts from the documents of that time', () => {
    expect(pastPipeline('accounts', valid, [{ $group: { _id: '$owner' } }])).toEqual([
      { $match: valid },
      replaced,
      { $group: { _id: '$owner' } },
    ])
  })

  it('uses the indexes of the history for the matches it starts with', () => {
    const pipeline = [{ $match: { owner: 'Ann' } }, { $count: 'n' }]
    expect(pastPipeline('accounts', valid, pipeline)).toEqual([
      { $match: { $and: [{ 'doc.owner': 'Ann' }, valid] } },
      replaced,
      { $count: 'n' },
    ])
  })

  it('refuses stages that need the documents themselves', () => {
    expect(() => pastPipeline('accounts', valid, [{ $geoNear: {} }])).toThrow(
      PastViewUnsupportedError,
    )
  })
})

describe('a pipeline on the present', () => {
  it('is split behind the stages that need to come first or use an index there', () => {
    const [passing, rest] = splitPassing([
      { $match: {} },
      { $sort: {} },
      { $group: {} },
      { $sort: {} },
    ])
    expect(passing).toEqual([{ $match: {} }, { $sort: {} }])
    expect(rest).toEqual([{ $group: {} }, { $sort: {} }])
  })
})
