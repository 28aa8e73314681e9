import { defineReadModel, type DocumentWrite } from '@varve/core'
import { describe, expect, it } from 'vitest'
import {
  guardedOperation,
  rewriteOperations,
  transactionOperations,
} from '../../src/commit/document-operations.ts'

const model = defineReadModel('accounts')
const at = new Date('2026-01-01')
const write = (id: string, balance: number | undefined, previous: bigint | undefined) =>
  ({
    model,
    id,
    document: balance === undefined ? undefined : { _id: id, balance },
    position: 9n,
    events: 1,
    previous,
    versions: [],
  }) as DocumentWrite
const stored = (id: string, balance: number) => ({
  _id: id,
  balance,
  _meta: { position: 9n, events: 1, at },
})

describe('the operations of a transaction', () => {
  it('delete first, then replace, then insert, so that each kind is one command', () => {
    const writes = [
      write('new', 1, undefined),
      write('known', 2, 3n),
      write('gone', undefined, 4n),
      write('new2', 5, undefined),
    ]
    expect(transactionOperations(writes, at)).toEqual([
      { deleteOne: { filter: { _id: 'gone' } } },
      {
        replaceOne: { filter: { _id: 'known' }, replacement: stored('known', 2), upsert: true },
      },
      { insertOne: { document: stored('new', 1) } },
      { insertOne: { document: stored('new2', 5) } },
    ])
  })

  it('leave out a document that came and went within the batch', () => {
    expect(transactionOperations([write('brief', undefined, undefined)], at)).toEqual([])
  })

  it('put the position last, so that taking it off again is cheap', () => {
    const [operation] = transactionOperations([write('a', 1, undefined)], at)
    expect(JSON.stringify(Object.keys(operation as object))).toBe('["insertOne"]')
    const { document } = (operation as { insertOne: { document: object } }).insertOne
    expect(Object.keys(document)).toEqual(['_id', 'balance', '_meta'])
  })

  it('do not change the documents they are given', () => {
    const given = write('a', 1, undefined)
    transactionOperations([given], at)
    expect(given.document).toEqual({ _id: 'a', balance: 1 })
  })
})

describe('the operations that rewrite a batch', () => {
  it('delete every document before they insert those that stay', () => {
    const writes = [write('a', 1, 3n), write('b', undefined, 4n)]
    expect(rewriteOperations(writes, at)).toEqual([
      { deleteMany: { filter: { _id: { $in: ['a', 'b'] } } } },
      { insertOne: { document: stored('a', 1) } },
    ])
  })
})

describe('a guarded operation', () => {
  const older = (id: string) => ({ _id: id, '_meta.position': { $not: { $gte: 9n } } })

  it('replaces only an older position', () => {
    expect(guardedOperation(write('a', 1, 3n), true, at)).toEqual({
      replaceOne: { filter: older('a'), replacement: stored('a', 1), upsert: false },
    })
  })
  it('deletes only an older position', () => {
    expect(guardedOperation(write('a', undefined, 3n), true, at)).toEqual({
      deleteOne: { filter: older('a') },
    })
  })
  it('inserts what is not there, and fails on what is', () => {
    expect(guardedOperation(write('a', 1, undefined), false, at)).toEqual({
      insertOne: { document: stored('a', 1) },
    })
  })
})
