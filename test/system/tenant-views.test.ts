import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mongoDB } from '../contract/servers.ts'
import {
  type App,
  ask,
  type Balance,
  fill,
  type Look,
  openWith,
} from './tenants/bank-of-tenants.ts'

interface Collated {
  filter(filter: object): { toArray(): Promise<unknown> }
  toArray(): Promise<unknown>
}

function collated(cursor: object, collation: object): Collated {
  return (cursor as { collation(collation: object): Collated }).collation(collation)
}

describe.each(['memory', 'mongodb'])('the view of a tenant on %s', (store) => {
  let app: App
  let readModels = 'memory:'
  let stop = async (): Promise<void> => undefined
  beforeAll(async () => {
    if (store === 'mongodb') {
      const server = await mongoDB('replica-set')
      readModels = server.url.replace(/^([^:]+:\/\/[^/?]+)\/?[^?]*/, '$1/tenants')
      stop = server.close
    }
    app = await openWith({ readModels })
    for (const [id, amount] of [
      ['a', 1],
      ['b', 2],
      ['c.d', 3],
    ] as const)
      await fill(app, 'acme', id, amount)
    for (const [id, amount] of [
      ['a', 10],
      ['b', 20],
      ['acme.a', 30],
    ] as const)
      await fill(app, 'beta', id, amount)
    await fill(app, 'ACME', 'a', 1000)
    const after = await fill(app, 'acme2', 'a', 100)
    await ask(app, 'acme', () => undefined, { after })
  })
  afterAll(async () => {
    await app.close()
    await stop()
  })
  const acme = (look: Look) => ask(app, 'acme', look)
  const amounts = (documents: unknown) =>
    (documents as Balance[]).map(({ amount }) => amount).toSorted((a, b) => a - b)

  it.each([
    ['nothing', {}, [1, 2, 3]],
    ['an $or that is true for all', { $or: [{}, { amount: { $gt: 0 } }] }, [1, 2, 3]],
    ['a $nor that is true for all', { $nor: [{ amount: -1 }] }, [1, 2, 3]],
    ['an $and in an $or', { $or: [{ $and: [{ _id: 'a' }] }, { _id: 'b' }] }, [1, 2]],
    ['an id', { _id: 'a' }, [1]],
    ['an id with a separator', { _id: 'c.d' }, [3]],
    ['the stored id of its own document', { _id: 'acme.a' }, []],
    ['the stored id of another one', { _id: 'beta.a' }, []],
    ['ids of a list', { _id: { $in: ['a', 'acme.a', 'beta.b'] } }, [1]],
    ['other ids than one', { _id: { $ne: 'a' } }, [2, 3]],
    ['ids not in a list', { _id: { $nin: ['a', 'b'] } }, [3]],
    ['a range of ids', { _id: { $gte: 'b' } }, [2, 3]],
    ['not an id', { _id: { $not: { $eq: 'a' } } }, [2, 3]],
    ['an expression', { $expr: { $gt: ['$amount', 1] } }, [2, 3]],
  ] as const)('finds its own documents by %s', async (_, filter, expected) => {
    expect(amounts(await acme((view) => view.find(filter as never).toArray()))).toEqual(expected)
    expect(await acme((view) => view.countDocuments(filter as never))).toBe(expected.length)
    const matched = await acme((view) => view.aggregate([{ $match: filter }]).toArray())
    expect(amounts(matched)).toEqual(expected)
    const one = (await acme((view) => view.findOne(filter as never))) as Balance | null
    expect(one === null ? 0 : one.amount).toBeLessThanOrEqual(3)
  })

  it('shows nothing of tenants whose names a collation takes for the same', async () => {
    const collation = { locale: 'en', strength: 2 } as const
    const own = { amount: { $gt: 0 } }
    const options = { collation } as object
    const found: unknown[] = await Promise.all([
      acme((view) => view.find(own, options).toArray()),
      acme((view) => view.aggregate([{ $match: own }], options).toArray()),
      acme((view) => view.aggregate([], options).toArray()),
      ...(store === 'mongodb'
        ? [
            acme((view) => collated(view.find(own), collation).toArray()),
            acme((view) => collated(view.find(), collation).filter(own).toArray()),
          ]
        : []),
    ])
    for (const documents of found) expect(amounts(documents)).toEqual([1, 2, 3])
    expect(await acme((view) => view.findOne({ amount: 1000 }, options))).toBeNull()
    expect(await acme((view) => view.countDocuments({}, options))).toBe(3)
    expect(await acme((view) => view.distinct('amount', {}, options))).toHaveLength(3)
  })

  it('shows no trace of how documents are stored', async () => {
    const expected = { _id: 'a', owner: 'Owner of a', amount: 1 }
    expect(await acme((view) => view.findOne({ _id: 'a' }))).toEqual(expected)
    expect(await acme((view) => view.find({ _id: 'a' }).toArray())).toEqual([expected])
    expect(await acme((view) => view.aggregate([{ $match: { _id: 'a' } }]).toArray())).toEqual([
      expected,
    ])
    expect(
      await acme((view) => view.find({ _id: 'a' }, { projection: { owner: 0 } }).next()),
    ).toEqual({ _id: 'a', amount: 1 })
    expect(
      await acme((view) => view.find({ _id: 'a' }).project({ _id: 0, amount: 1 }).toArray()),
    ).toEqual([{ amount: 1 }])
    expect(((await acme((view) => view.distinct('_id'))) as string[]).toSorted()).toEqual([
      'a',
      'b',
      'c.d',
    ])
  })

  it('aggregates its own documents only', async () => {
    const sum = [{ $group: { _id: null, sum: { $sum: '$amount' } } }]
    expect(await acme((view) => view.aggregate(sum).toArray())).toEqual([{ _id: null, sum: 6 }])
    const facet = [{ $facet: { all: [{ $count: 'n' }] } }]
    expect(await acme((view) => view.aggregate(facet).toArray())).toEqual([{ all: [{ n: 3 }] }])
    const byPattern = [{ $match: { _id: /^[ab]$/ } }, { $sort: { _id: 1 } }]
    expect(await acme((view) => view.aggregate(byPattern).toArray())).toMatchObject([
      { _id: 'a' },
      { _id: 'b' },
    ])
  })

  it.each([
    ['$lookup', { from: 'balances', pipeline: [], as: 'others' }],
    [
      '$graphLookup',
      {
        from: 'balances',
        startWith: '$_id',
        connectFromField: '_id',
        connectToField: '_id',
        as: 'x',
      },
    ],
    ['$unionWith', 'balances'],
    ['$out', 'stolen'],
    ['$merge', { into: 'stolen' }],
    ['$collStats', { count: {} }],
    ['$geoNear', {}],
    ['$documents', []],
    ['$currentOp', {}],
  ])('refuses the stage %s, in a facet too', async (name, operand) => {
    const refused = { code: 'TENANT_VIEW' }
    await expect(
      acme((view) => view.aggregate([{ [name]: operand }]).toArray()),
    ).rejects.toMatchObject(refused)
    await expect(
      acme((view) => view.aggregate([{ $facet: { x: [{ [name]: operand }] } }]).toArray()),
    ).rejects.toMatchObject(refused)
  })

  it.each<[string, Look]>([
    ['a filter on the tenant', (view) => view.find({ _tenant: 'beta' }).toArray()],
    [
      'a filter on the tenant in an $or',
      (view) => view.find({ $or: [{ _tenant: 'beta' }] }).toArray(),
    ],
    ['code', (view) => view.find({ $where: 'true' }).toArray()],
    ['a pattern on ids', (view) => view.find({ _id: /a/ }).toArray()],
    ['a pattern on ids by operator', (view) => view.countDocuments({ _id: { $regex: 'a' } })],
    ['the names of tenants', (view) => view.distinct('_tenant')],
    ['a copy of a cursor', (view) => view.find().clone()],
    ['the client of a cursor', (view) => (view.find() as unknown as { client: unknown }).client],
    [
      'stages added to a cursor',
      (view) => (view.aggregate([]) as unknown as { out(to: string): unknown }).out('x'),
    ],
    [
      'the pipeline of a cursor',
      (view) => (view.aggregate([]) as unknown as { pipeline: unknown }).pipeline,
    ],
    ['the option that writes', (view) => view.aggregate([], { out: 'x' })],
  ])('refuses %s', async (_, look) => {
    await expect((async () => acme(look))()).rejects.toMatchObject({ code: 'TENANT_VIEW' })
  })

  it('keeps a cursor that is given another filter within the tenant', async () => {
    const found = await acme((view) => view.find({ _id: 'a' }).filter({}).limit(10).toArray())
    expect(amounts(found)).toEqual([1, 2, 3])
    const mapped = await acme((view) =>
      view
        .find()
        .map(({ _id }) => _id)
        .sort({ _id: -1 })
        .toArray(),
    )
    expect(mapped).toEqual(['c.d', 'b', 'a'])
  })

  it('offers no collection', async () => {
    expect(await acme((view) => view.collection === undefined)).toBe(true)
  })

  it('keeps the past of tenants apart', async () => {
    const asOf = { date: new Date(Date.now() + 1_000) }
    expect(amounts(await ask(app, 'beta', (view) => view.find().toArray(), { asOf }))).toEqual([
      10, 20, 30,
    ])
    expect(
      await ask(app, 'beta', (view) => view.findOne({ _id: 'acme.a' }), { asOf }),
    ).toMatchObject({ amount: 30 })
  })

  it('is the same after a rebuild', async () => {
    await app.projections.rebuild('balances')
    expect(amounts(await acme((view) => view.find().toArray()))).toEqual([1, 2, 3])
  })
})
