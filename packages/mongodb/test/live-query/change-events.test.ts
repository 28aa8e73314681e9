import { describe, expect, it } from 'vitest'
import { type ChangeEvent, toChange } from '../../src/live-query/change-events.ts'

describe('an event of a change stream', () => {
  it.each<[string, Partial<ChangeEvent>, bigint | undefined]>([
    ['an insert', { fullDocument: { _meta: { position: 5n } } }, 5n],
    [
      'an update of one field',
      { updateDescription: { updatedFields: { '_meta.position': 6n } } },
      6n,
    ],
    ['an update of all', { updateDescription: { updatedFields: { _meta: { position: 7n } } } }, 7n],
    [
      'a write by somebody else',
      { updateDescription: { updatedFields: { owner: 'x' } } },
      undefined,
    ],
    ['a deletion', {}, undefined],
  ])('of %s names the document and its position', (_what, more, position) => {
    const event = {
      operationType: 'any',
      ns: { coll: 'c__v1_1' },
      documentKey: { _id: 'a' },
      ...more,
    }
    expect(toChange(event)).toEqual({ kind: 'document', collection: 'c__v1_1', id: 'a', position })
  })

  it('of a whole collection, or of a document nobody can name, is about the collection', () => {
    const collection = { kind: 'collection', collection: 'c__v1_1' }
    expect(toChange({ operationType: 'drop', ns: { coll: 'c__v1_1' } })).toEqual(collection)
    const documentKey = { _id: 5 }
    const event = { operationType: 'insert', ns: { coll: 'c__v1_1' }, documentKey }
    expect(toChange(event)).toEqual(collection)
  })

  it('of an alias record is about generations', () => {
    const ns = { coll: 'varve_generations' }
    expect(toChange({ operationType: 'replace', ns, documentKey: { _id: 'balances' } })).toEqual({
      kind: 'generations',
      projection: 'balances',
    })
    expect(toChange({ operationType: 'drop', ns })).toBeUndefined()
  })

  it('of the database says nothing', () => {
    expect(toChange({ operationType: 'dropDatabase', ns: {} })).toBeUndefined()
  })
})
