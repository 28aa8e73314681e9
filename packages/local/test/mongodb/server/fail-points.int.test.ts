import { MongoClient, ObjectId, type Document } from 'mongodb'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from '../start-client.ts'

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient({ client: { retryReads: false } })
})
afterEach(async () => {
  for (const configureFailPoint of [
    'failCommand',
    'failGetMoreAfterCursorCheckout',
    'onPrimaryTransactionalWrite',
  ])
    await server.client.db('admin').command({ configureFailPoint, mode: 'off' })
})
afterAll(async () => {
  await server.close()
})

const arm = (mode: unknown, data: Document, configureFailPoint = 'failCommand') =>
  server.client.db('admin').command({ configureFailPoint, mode, data })
const ping = () => server.db.command({ ping: 1 })
const fresh = () => server.db.collection(`c${new ObjectId().toHexString()}`)

describe('the fail point failCommand', () => {
  it('fails a command with a code and its name, as often as it is told', async () => {
    await arm({ times: 2 }, { failCommands: ['ping'], errorCode: 8 })
    const error = { code: 8, codeName: 'UnknownError' }
    await expect(ping()).rejects.toMatchObject(error)
    await expect(ping()).rejects.toMatchObject(error)
    expect(await ping()).toMatchObject({ ok: 1 })
  })

  it('lets the first commands pass when it is to skip them', async () => {
    await arm({ skip: 1 }, { failCommands: ['ping'], errorCode: 8 })
    expect(await ping()).toMatchObject({ ok: 1 })
    await expect(ping()).rejects.toMatchObject({ code: 8 })
    await expect(ping()).rejects.toMatchObject({ code: 8 })
  })

  it('says how often it was entered', async () => {
    const before = await arm('alwaysOn', { failCommands: ['ping'], errorCode: 8 })
    await expect(ping()).rejects.toThrow()
    await expect(ping()).rejects.toThrow()
    const after = await arm('off', {})
    expect(after['count']).toBe((before['count'] as number) + 2)
  })

  it('meets only the application it names', async () => {
    const other = await MongoClient.connect(server.url, { appName: 'other' })
    await arm('alwaysOn', { failCommands: ['ping'], errorCode: 8, appName: 'other' })
    expect(await ping()).toMatchObject({ ok: 1 })
    await expect(other.db('bank').command({ ping: 1 })).rejects.toMatchObject({ code: 8 })
    await other.close()
  })

  it('cuts the connection in place of an answer', async () => {
    await arm({ times: 1 }, { failCommands: ['ping'], closeConnection: true })
    await expect(ping()).rejects.toMatchObject({ name: 'MongoNetworkError' })
  })

  it('holds a command, and runs it then', async () => {
    await arm({ times: 1 }, { failCommands: ['ping'], blockConnection: true, blockTimeMS: 30 })
    const order: string[] = []
    const held = ping().then(() => order.push('held'))
    const free = server.db.command({ buildInfo: 1 }).then(() => order.push('free'))
    await Promise.all([held, free])
    expect(order).toEqual(['free', 'held'])
  })

  it('adds a write concern error to a write that happens, and to no read', async () => {
    const accounts = fresh()
    await arm(
      { times: 1 },
      { failCommands: ['find', 'insert'], writeConcernError: { code: 64, errmsg: 'too slow' } },
    )
    expect(await accounts.find().toArray()).toEqual([])
    await expect(accounts.insertOne({ n: 1 })).rejects.toMatchObject({
      code: 64,
      errmsg: 'too slow',
    })
    expect(await accounts.countDocuments()).toBe(1)
  })

  it('gives the labels it is told in place of the usual ones', async () => {
    const accounts = fresh()
    await arm({ times: 1 }, { failCommands: ['insert'], errorCode: 189, errorLabels: [] })
    await expect(accounts.insertOne({ n: 1 })).rejects.toMatchObject({ errorLabels: [] })
    await arm({ times: 1 }, { failCommands: ['insert'], errorCode: 112, errorLabels: ['Mine'] })
    await expect(accounts.insertOne({ n: 1 })).rejects.toMatchObject({ errorLabels: ['Mine'] })
  })

  it('is refused with a name, a mode or data that are wrong', async () => {
    await expect(arm('off', {}, 'nothing')).rejects.toMatchObject({
      codeName: 'FailPointSetFailed',
      message: 'nothing not found',
    })
    await expect(arm('sometimes', {})).rejects.toMatchObject({ codeName: 'BadValue' })
    await expect(arm({ times: -1 }, {})).rejects.toMatchObject({ codeName: 'BadValue' })
    await expect(arm(3, {})).rejects.toMatchObject({ codeName: 'TypeMismatch' })
  })
})

describe('a retryable write that is disturbed', () => {
  it('before its commit is not applied, and applied by the retry', async () => {
    const accounts = fresh()
    const data = { failBeforeCommitExceptionCode: 1 }
    await arm({ times: 1 }, data, 'onPrimaryTransactionalWrite')
    await accounts.insertOne({ _id: 1 as never })
    expect(await accounts.countDocuments()).toBe(1)
    await arm({ times: 2 }, data, 'onPrimaryTransactionalWrite')
    await expect(accounts.insertOne({ _id: 2 as never })).rejects.toThrow()
    expect(await accounts.countDocuments()).toBe(1)
  })

  it('after its commit is applied once', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 1 as never, n: 0 })
    await arm({ times: 1 }, {}, 'onPrimaryTransactionalWrite')
    await accounts.updateOne({ _id: 1 as never }, { $inc: { n: 1 } })
    expect(await accounts.findOne()).toEqual({ _id: 1, n: 1 })
  })

  it('is labelled for a retry, and as not having written', async () => {
    const accounts = fresh()
    await arm({ times: 2 }, { failCommands: ['insert'], errorCode: 189 })
    await expect(accounts.insertOne({ n: 1 })).rejects.toMatchObject({
      codeName: 'PrimarySteppedDown',
      errorLabels: expect.arrayContaining(['RetryableWriteError', 'NoWritesPerformed']) as unknown,
    })
  })
})

describe('a change stream whose getMore fails', () => {
  it('resumes after an error that says so', async () => {
    const accounts = fresh()
    await accounts.insertOne({ n: 0 })
    const stream = accounts.watch()
    await stream.tryNext()
    await arm({ times: 1 }, { errorCode: 6 }, 'failGetMoreAfterCursorCheckout')
    await accounts.insertOne({ n: 1 })
    expect(await stream.next()).toMatchObject({ operationType: 'insert', fullDocument: { n: 1 } })
    await stream.close()
  })

  it('ends with an error that cannot be resumed from', async () => {
    const accounts = fresh()
    await accounts.insertOne({ n: 0 })
    const stream = accounts.watch([{ $project: { _id: 0 } }])
    await stream.tryNext()
    await accounts.insertOne({ n: 1 })
    await expect(stream.next()).rejects.toMatchObject({
      codeName: 'ChangeStreamFatalError',
      errorLabels: ['NonResumableChangeStreamError'],
    })
    await stream.close()
  })
})
