import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MongoConnection, MongoLeaseStore } from '../../src/index.ts'
import { levels } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

const hour = 3_600_000

describe.each(levels)('a lease in MongoDB, on a server of level %s', (level) => {
  let server: TestServer
  let connection: MongoConnection
  let store: MongoLeaseStore
  let name: string
  let count = 0
  beforeAll(async () => {
    server = await startServer(level)
    connection = new MongoConnection({ url: server.freshUrl() })
    store = new MongoLeaseStore({ connection })
  })
  afterAll(async () => {
    await connection.database.dropDatabase()
    await connection.close()
    await server.stop()
  })
  beforeEach(() => {
    count += 1
    name = `work-${count}`
  })

  /** As if the time of a lease had run out: without waiting for it. */
  const expire = () =>
    connection.database
      .collection<{ _id: string }>('varve_leases')
      .updateOne({ _id: name }, { $set: { expiresAt: new Date(0) } })

  it('is given to the first who asks, and to nobody else', async () => {
    expect(await store.acquire(name, 'ann', hour)).toEqual({ name, owner: 'ann', epoch: 1n })
    expect(await store.acquire(name, 'bob', hour)).toBeUndefined()
  })

  it('is given to exactly one of many who ask at once', async () => {
    const owners = Array.from({ length: 10 }, (_, n) => `owner-${n}`)
    const leases = await Promise.all(owners.map((owner) => store.acquire(name, owner, hour)))
    expect(leases.filter(Boolean)).toHaveLength(1)
  })

  it('keeps its epoch when its owner asks again', async () => {
    await store.acquire(name, 'ann', hour)
    expect((await store.acquire(name, 'ann', hour))?.epoch).toBe(1n)
  })

  it('goes to another, with a higher epoch, when its time is over', async () => {
    const old = await store.acquire(name, 'ann', hour)
    await expire()
    expect(await store.acquire(name, 'bob', hour)).toEqual({ name, owner: 'bob', epoch: 2n })
    expect(await store.renew(old!, hour)).toBe(false)
  })

  it('is free at once where it lasts no time', async () => {
    await store.acquire(name, 'ann', 0)
    expect((await store.acquire(name, 'bob', hour))?.owner).toBe('bob')
  })

  it('is renewed by its owner while it holds it', async () => {
    const lease = await store.acquire(name, 'ann', hour)
    expect(await store.renew(lease!, hour)).toBe(true)
    expect(await store.renew({ ...lease!, epoch: 9n }, hour)).toBe(false)
    expect(await store.renew({ ...lease!, owner: 'bob' }, hour)).toBe(false)
    await expire()
    expect(await store.renew(lease!, hour)).toBe(false)
  })

  it('can be taken at once when it was given back', async () => {
    const lease = await store.acquire(name, 'ann', hour)
    await store.release(lease!)
    expect(await store.renew(lease!, hour)).toBe(false)
    expect(await store.acquire(name, 'bob', hour)).toEqual({ name, owner: 'bob', epoch: 2n })
  })

  it('stays with its new owner when the old one gives it back late', async () => {
    const old = await store.acquire(name, 'ann', hour)
    await expire()
    const lease = await store.acquire(name, 'bob', hour)
    await store.release(old!)
    expect(await store.renew(lease!, hour)).toBe(true)
  })

  it('takes owners with a $ in their name as they are', async () => {
    expect((await store.acquire(name, '$owner', hour))?.owner).toBe('$owner')
  })
})
