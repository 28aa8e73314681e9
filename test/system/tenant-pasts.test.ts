import { describe, expect, it } from 'vitest'
import { Account, type App, Ask, Deposit, fill, openWith } from './tenants/bank-of-tenants.ts'

async function filled(): Promise<App> {
  const app = await openWith()
  await fill(app, 'acme', 'a', 5)
  await fill(app, 'beta', 'b', 7)
  return app
}

async function entriesOf<Entry>(entries: AsyncIterable<Entry>): Promise<readonly Entry[]> {
  const found: Entry[] = []
  for await (const entry of entries) found.push(entry)
  return found
}

const required = { code: 'TENANT_REQUIRED' }

describe('the past where tenants are kept apart', () => {
  it('is the history of the tenant’s own aggregates', async () => {
    await using app = await filled()
    const own = await entriesOf(app.history(Account, 'a', { tenant: 'acme' }))
    expect(own.map(({ after }) => after.balance)).toEqual([0, 5])
    const history = (tenant?: string) =>
      entriesOf(app.history(Account, 'a', tenant === undefined ? {} : { tenant }))
    await expect((async () => history())()).rejects.toMatchObject(required)
    await expect(history('beta')).rejects.toMatchObject({ code: 'AGGREGATE_NOT_FOUND' })
    await expect(
      entriesOf(app.history(Account, 'acme.a', { tenant: 'beta' })),
    ).rejects.toMatchObject({ code: 'AGGREGATE_NOT_FOUND' })
  })

  it('is tried by commands of the tenant', async () => {
    await using app = await filled()
    const trial = (tenant?: string) =>
      app.whatIf(Deposit, { id: 'a', amount: 1 }, tenant === undefined ? {} : { tenant })
    expect((await trial('acme')).after).toMatchObject({ balance: 6 })
    expect((await trial('beta')).after).toMatchObject({ balance: 1 })
    await expect(trial()).rejects.toMatchObject(required)
    expect((await app.load(Account, 'a', { tenant: 'acme' })).balance).toBe(5)
  })

  it('is seen as a whole by a tenant', async () => {
    await using app = await filled()
    await using past = await app.at({ date: new Date(Date.now() + 1_000) })
    expect(await past.load(Account, 'a', { tenant: 'acme' })).toMatchObject({ balance: 5 })
    await expect(past.load(Account, 'a', { tenant: 'beta' })).rejects.toThrow()
    await expect(
      app.load(Account, 'a', { tenant: 'acme', at: null as never }),
    ).rejects.toMatchObject({ code: 'POINT_IN_TIME' })
    await expect(past.load(Account, 'a')).rejects.toMatchObject(required)
    const all = new Ask((view) => view.find().toArray())
    expect(await past.query(all, { tenant: 'beta' })).toMatchObject([{ _id: 'b', amount: 7 }])
    await expect(past.query(all)).rejects.toMatchObject(required)
  })

  it('is audited by a tenant', async () => {
    await using app = await filled()
    const streams = new Set<string>()
    for (const { stream } of await entriesOf(app.audit({ tenant: 'acme' }))) streams.add(stream)
    expect([...streams]).toEqual(['account-acme.a'])
    await expect((async () => entriesOf(app.audit({})))()).rejects.toMatchObject(required)
  })
})
