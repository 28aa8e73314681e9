import { Binary, ObjectId, type ChangeStreamOptions, type Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from '../start-client.ts'

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

const fresh = async (options: Document = {}) =>
  server.db.createCollection(`c${new ObjectId().toHexString()}`, options)

/** The events of what happens after the stream was opened. */
async function eventsOf(
  target: { watch: Awaited<ReturnType<typeof fresh>>['watch'] },
  options: ChangeStreamOptions,
  count: number,
  act: () => Promise<unknown>,
  pipeline: Document[] = [],
): Promise<Document[]> {
  const stream = target.watch(pipeline, options)
  await stream.tryNext()
  await act()
  const events: Document[] = []
  try {
    while (events.length < count) events.push(await stream.next())
  } finally {
    await stream.close()
  }
  return events
}

const images = { changeStreamPreAndPostImages: { enabled: true } }

describe('pre- and post-images', () => {
  it('show a document before and after each change', async () => {
    const rows = await fresh(images)
    const options = { fullDocument: 'required', fullDocumentBeforeChange: 'required' } as const
    await rows.insertOne({ _id: 1 as never, n: 1 })
    const events = await eventsOf(rows, options, 3, async () => {
      await rows.updateOne({}, { $set: { n: 2 } })
      await rows.replaceOne({}, { n: 3 })
      await rows.deleteOne({})
    })
    expect(events).toMatchObject([
      { fullDocumentBeforeChange: { n: 1 }, fullDocument: { _id: 1, n: 2 } },
      { fullDocumentBeforeChange: { n: 2 }, fullDocument: { _id: 1, n: 3 } },
      { operationType: 'delete', fullDocumentBeforeChange: { n: 3 } },
    ])
  })

  it('are null or an error when the collection keeps none', async () => {
    const rows = await fresh()
    await rows.insertOne({ _id: 1 as never, n: 1 })
    const update = () => rows.updateOne({}, { $inc: { n: 1 } })
    const available = {
      fullDocument: 'whenAvailable',
      fullDocumentBeforeChange: 'whenAvailable',
    } as const
    expect(await eventsOf(rows, available, 1, update)).toMatchObject([
      { fullDocument: null, fullDocumentBeforeChange: null },
    ])
    const error = { codeName: 'NoMatchingDocument' }
    await expect(eventsOf(rows, { fullDocument: 'required' }, 1, update)).rejects.toMatchObject(
      error,
    )
    await expect(
      eventsOf(rows, { fullDocumentBeforeChange: 'required' }, 1, update),
    ).rejects.toMatchObject(error)
  })

  it('begin and end with collMod', async () => {
    const rows = await fresh()
    const set = (enabled: boolean) =>
      server.db.command({
        collMod: rows.collectionName,
        changeStreamPreAndPostImages: { enabled },
      })
    await rows.insertOne({ n: 1 })
    const options = { fullDocumentBeforeChange: 'whenAvailable' } as const
    const events = await eventsOf(rows, options, 2, async () => {
      await set(true)
      await rows.updateOne({}, { $inc: { n: 1 } })
      await set(false)
      await rows.updateOne({}, { $inc: { n: 1 } })
    })
    expect(events).toMatchObject([
      { fullDocumentBeforeChange: { n: 1 } },
      { fullDocumentBeforeChange: null },
    ])
  })
})

describe('the description of an update', () => {
  const update = async (document: Document, change: Document, pipeline?: Document[]) => {
    const rows = await fresh()
    await rows.insertOne(document)
    const [event] = await eventsOf(rows, { showExpandedEvents: true }, 1, () =>
      rows.updateOne({}, pipeline ?? change),
    )
    return event?.['updateDescription'] as Document
  }

  it('has the whole value an operator sets, and the added elements of a push', async () => {
    expect(await update({ list: [{ n: 1 }] }, { $set: { list: [{ n: 2 }] } })).toMatchObject({
      updatedFields: { list: [{ n: 2 }] },
    })
    expect(await update({ list: [1] }, { $push: { list: 2 } })).toMatchObject({
      updatedFields: { 'list.1': 2 },
    })
    expect(await update({ list: [1, 2] }, { $pull: { list: 1 } })).toMatchObject({
      updatedFields: { list: [2] },
    })
    expect(await update({ a: { b: 1, c: 2 } }, { $unset: { 'a.b': 1 } })).toMatchObject({
      updatedFields: {},
      removedFields: ['a.b'],
    })
  })

  it('has truncated arrays', async () => {
    expect(await update({ list: [1, 2, 3] }, {}, [{ $set: { list: [1] } }])).toMatchObject({
      updatedFields: {},
      truncatedArrays: [{ field: 'list', newSize: 1 }],
    })
  })

  it('spells out paths that could be read otherwise', async () => {
    expect(await update({ a: { '1': 1 } }, { $set: { 'a.1': 2 } })).toMatchObject({
      disambiguatedPaths: { 'a.1': ['a', '1'] },
    })
    expect(await update({ a: [{ '1': 1 }] }, { $set: { 'a.0.1': 2 } })).toMatchObject({
      disambiguatedPaths: { 'a.0.1': ['a', 0, '1'] },
    })
    expect(await update({ a: [1] }, { $set: { 'a.0': 2 } })).toMatchObject({
      updatedFields: { 'a.0': 2 },
      disambiguatedPaths: {},
    })
  })
})

describe('expanded events', () => {
  it('tell of collections, indexes and options', async () => {
    const database = server.client.db(`d${new ObjectId().toHexString()}`)
    const events = await eventsOf(database, { showExpandedEvents: true }, 8, async () => {
      await database.createCollection('a')
      await database.collection('b').insertOne({ n: 1 })
      await database.createIndex('a', { n: 1 })
      await database.command({ collMod: 'a', index: { name: 'n_1', hidden: true } })
      await database.collection('a').dropIndex('n_1')
      await database.renameCollection('a', 'b', { dropTarget: true })
      await database.createCollection('v', { viewOn: 'b' })
    })
    expect(events.map(({ operationType }) => operationType as unknown)).toEqual([
      'create',
      'create',
      'insert',
      'createIndexes',
      'modify',
      'dropIndexes',
      'rename',
      'create',
    ])
    expect(events[4]).toMatchObject({
      operationDescription: { index: { name: 'n_1', hidden: true } },
      stateBeforeChange: { collectionOptions: { uuid: expect.any(Binary) as unknown } },
    })
    expect(events[6]).toMatchObject({ to: { coll: 'b' }, operationDescription: { to: {} } })
  })

  it('stay away from streams that did not ask', async () => {
    const database = server.client.db(`d${new ObjectId().toHexString()}`)
    const events = await eventsOf(database, {}, 1, async () => {
      await database.createCollection('a')
      await database.createIndex('a', { n: 1 })
      await database.collection('a').insertOne({ n: 1 })
    })
    expect(events).toMatchObject([{ operationType: 'insert' }])
  })
})

describe('an event that is too large', () => {
  const half = 'x'.repeat(9 * 1024 * 1024)
  const grow = async (pipeline: Document[]) => {
    const rows = await fresh(images)
    await rows.insertOne({ _id: 1 as never, text: half })
    const options = { fullDocument: 'required', fullDocumentBeforeChange: 'required' } as const
    return eventsOf(rows, options, 2, () => rows.updateOne({}, { $set: { n: 1 } }), pipeline)
  }

  it('comes in fragments when the stream asks for them', async () => {
    const [first, second] = await grow([{ $changeStreamSplitLargeEvent: {} }])
    expect(first).toMatchObject({ splitEvent: { fragment: 1, of: 2 } })
    expect(second).toMatchObject({ splitEvent: { fragment: 2, of: 2 } })
    expect({ ...first, ...second }).toMatchObject({
      operationType: 'update',
      fullDocument: { n: 1 },
      fullDocumentBeforeChange: { _id: 1 },
    })
  })

  it('ends a stream that does not', async () => {
    await expect(grow([])).rejects.toMatchObject({ codeName: 'BSONObjectTooLarge' })
  })

  it('goes on after a fragment', async () => {
    const rows = await fresh(images)
    await rows.insertOne({ _id: 1 as never, text: half })
    const options = { fullDocument: 'required', fullDocumentBeforeChange: 'required' } as const
    const pipeline = [{ $changeStreamSplitLargeEvent: {} }]
    const [first] = await eventsOf(
      rows,
      options,
      1,
      () => rows.updateOne({}, { $set: { n: 1 } }),
      pipeline,
    )
    const resumed = rows.watch(pipeline, { ...options, resumeAfter: first?.['_id'] as unknown })
    expect(await resumed.next()).toMatchObject({ splitEvent: { fragment: 2, of: 2 } })
    await resumed.close()
  })
})
