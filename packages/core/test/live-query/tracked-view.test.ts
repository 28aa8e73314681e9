import { describe, expect, test } from 'vitest'
import { trackView } from '../../src/live-query/tracked-view.ts'

class Cursor {
  filters: unknown[] = []
  filter(filter: unknown): this {
    this.filters.push(filter)
    return this
  }
  sort(): this {
    return this
  }
  map(): Cursor {
    return new Cursor()
  }
  clone(): Cursor {
    return new Cursor()
  }
}

/** As a view is: with what is its own. */
class View {
  readonly collection = undefined
  readonly #answer = 'answer'
  findOne(_filter?: object, _options?: object): string {
    return this.#answer
  }
  find(_filter?: object): Cursor {
    return new Cursor()
  }
  countDocuments(_filter?: object): number {
    return 0
  }
  distinct(_key: string, _filter?: object): string[] {
    return [this.#answer]
  }
  aggregate(_pipeline: object[]): Cursor {
    return new Cursor()
  }
}

function tracked(): { readonly view: View; readonly reads: unknown[] } {
  const reads: unknown[] = []
  const view = trackView(new View(), (ids) => reads.push(ids ?? 'all')) as View
  return { view, reads }
}

describe('a tracked view', () => {
  test('names the documents of a filter on _id, whatever else is in it', () => {
    const { view, reads } = tracked()
    expect(view.findOne({ _id: 'a' })).toBe('answer')
    view.findOne({ _id: 'b', owner: 'Ada' }, { projection: { owner: 1 } })
    view.find({ _id: { $in: ['c', 'd'] } }).sort()
    view.countDocuments({ _id: { $eq: 'e' } })
    expect(view.distinct('owner', { _id: 'f' })).toEqual(['answer'])
    expect(reads).toEqual([['a'], ['b'], ['c', 'd'], ['e'], ['f']])
  })

  test.each<[string, (view: View) => unknown]>([
    ['no filter', (view) => view.findOne()],
    ['another field', (view) => view.find({ owner: 'Ada' })],
    ['a pattern of ids', (view) => view.find({ _id: /^a/ })],
    ['ids that are no strings', (view) => view.find({ _id: { $in: [/^a/] } })],
    ['a range of ids', (view) => view.find({ _id: { $gt: 'a' } })],
    ['a collation', (view) => view.findOne({ _id: 'a' }, { collation: { locale: 'de' } })],
    ['an alternative', (view) => view.find({ $or: [{ _id: 'a' }, { _id: 'b' }] })],
    ['a pipeline', (view) => view.aggregate([{ $match: { _id: 'a' } }])],
  ])('reads all documents with %s', (_what, read) => {
    const { view, reads } = tracked()
    read(view)
    expect(reads).toEqual(['all'])
  })

  test.each<[string, (cursor: Cursor) => unknown]>([
    ['given another filter', (cursor) => cursor.filter({})],
    ['given another filter behind others', (cursor) => cursor.sort().filter({})],
    ['mapped and given another filter', (cursor) => cursor.map().filter({})],
    ['cloned', (cursor) => cursor.clone()],
  ])('reads all documents with a cursor that is %s', (_what, change) => {
    const { view, reads } = tracked()
    change(view.find({ _id: 'a' }))
    expect(reads).toEqual([['a'], 'all'])
  })

  test('reads nothing by being looked at, and all by its collection', () => {
    const reads: unknown[] = []
    const view = trackView({ collection: {}, history: undefined }, (ids) =>
      reads.push(ids ?? 'all'),
    ) as { collection: object; history: undefined }
    expect(view.history).toBeUndefined()
    expect(reads).toEqual([])
    expect(view.collection).toEqual({})
    expect(reads).toEqual(['all'])
  })

  test('that is no object reads all', () => {
    const reads: unknown[] = []
    expect(trackView('view', (ids) => reads.push(ids ?? 'all'))).toBe('view')
    expect(reads).toEqual(['all'])
  })
})
