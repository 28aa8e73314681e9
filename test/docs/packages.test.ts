import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { hostServers, LocalStorage, startEventStoreDBServer } from '@varve/local'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { tour } from '../../examples/quickstart/src/tour.ts'
import { printedBy, promisedBy } from './printed-output.ts'

describe('the example in the README of', () => {
  it('core decides without classes', async () => {
    const { commands, deposit, firstRevision, withdraw } = await import('./packages/core.ts')
    expect(firstRevision).toBe(0n)
    const taken = await commands.execute(withdraw, { accountId: 'a1', amount: 40 })
    expect(taken).toMatchObject({ revision: 1n, events: [{ amount: 40 }] })
    const refused = await commands.execute(withdraw, { accountId: 'a1', amount: 61 })
    expect(refused).toMatchObject({ revision: 1n, events: [] })
    expect(await commands.execute(deposit, { accountId: 'a1', amount: 1 })).toMatchObject({
      revision: 2n,
    })
  })

  it('decorators collects a model', async () => {
    const { model } = await import('./packages/decorators.ts')
    expect([...model.commands.keys()]).toEqual(['account.deposit'])
    expect(model.events.map(({ type }) => type)).toEqual(['account.deposited'])
  })

  it('class-validator names the broken rule', async () => {
    const { deposit, withAggregateIds } = await import('./packages/class-validator.ts')
    await expect(deposit({ accountId: 'a1', amount: -5 })).rejects.toThrow(
      '"account.deposit" is not valid:\n  amount: amount must be a positive number',
    )
    expect(await deposit({ accountId: 'a1', amount: 5 })).toEqual({ accountId: 'a1', amount: 5 })
    expect(withAggregateIds).toBeDefined()
  })

  it('inversify injects into handlers and controllers', async () => {
    const found = await import('./packages/inversify.ts')
    const handler = found.resolver.open().resolve(found.ExchangeHandler)
    expect(handler.rates).toBeInstanceOf(found.BankRates)
    const scope = found.resolverPerMessage.open()
    expect(scope.resolve(found.UnitOfWork)).toBe(scope.resolve(found.UnitOfWork))
    const commandBus = { execute: () => Promise.reject(new RangeError('not asked')) }
    const queryBus = { query: () => Promise.reject(new RangeError('not asked')) }
    const repositories = [{ definition: { category: 'account' } }]
    const unbind = found.bind({ commandBus, queryBus, repositories })
    found.container.bind(found.AccountController).toSelf()
    expect(found.container.get(found.AccountController).commands).toBe(commandBus)
    unbind()
    expect(() => found.container.get(found.AccountController)).toThrow()
  })

  it('eventstoredb appends and reads', async () => {
    const storage = LocalStorage.open(':memory:')
    const server = await startEventStoreDBServer(storage)
    onTestFinished(async () => {
      await server.close()
      storage.close()
    })
    const { appendAndRead, retire, sendMails } = await import('./packages/eventstoredb.ts')
    const lines = await printedBy(() => appendAndRead(server.url))
    expect(lines).toContain('0 account.opened')
    expect(lines).toContain('undefined')
    expect(lines.at(-2)).toMatch(/caught up: true$/)
    const mails: unknown[] = []
    await sendMails(server.url, async (owner) => {
      mails.push(owner)
    })
    expect(mails).toEqual([{ owner: 'Ada' }])
    const events = new EventStoreDBEventStore({ connectionString: server.url })
    expect(await printedBy(() => retire(events, 'a1'))).toEqual(['STREAM_DELETED'])
    await events.close()
  })

  it('mongodb connects with the first call, not before', async () => {
    const { leases, readModels } = await import('./packages/mongodb.ts')
    await expect(readModels.level()).rejects.toMatchObject({ code: 'READ_MODEL_STORE_CLOSED' })
    await expect(leases.acquire('a', 'b', 1)).rejects.toMatchObject({
      code: 'READ_MODEL_STORE_CLOSED',
    })
  })

  it('memory has every store', async () => {
    const { eventStore, leases, readModels, snapshotStore } = await import('./packages/memory.ts')
    expect(await readModels.level()).toBe('idempotent')
    expect(await leases.acquire('a', 'b', 1)).toMatchObject({ epoch: 1n })
    await eventStore.close()
    expect(() => eventStore.readAll()).toThrow('closed')
    expect(snapshotStore).toBeDefined()
  })

  it('local starts both servers on free ports', async () => {
    const [eventStoreUrl, mongoUrl] = await printedBy(() => import('./packages/local.ts'))
    expect(eventStoreUrl).toMatch(/^esdb:\/\/127\.0\.0\.1:\d+\?tls=false$/)
    expect(mongoUrl).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+/)
  })

  it('varve runs on the servers that two variables name', async () => {
    const servers = await hostServers()
    onTestFinished(() => servers.close())
    vi.stubEnv('VARVE_EVENTSTOREDB_URL', servers.eventStoreUrl)
    vi.stubEnv('VARVE_MONGODB_URL', withDatabase(servers.mongoUrl, 'quickstart'))
    onTestFinished(() => void vi.unstubAllEnvs())
    const { open } = await import('./packages/varve.ts')
    await using app = await open()
    const lines: string[] = []
    await tour(app, (line) => lines.push(line))
    expect(lines).toEqual(promisedBy('README.md'))
  })
})

function withDatabase(url: string, name: string): string {
  const found = new URL(url)
  found.pathname = `/${name}`
  return found.href
}
