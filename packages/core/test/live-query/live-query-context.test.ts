import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { defineQueryHandler, Query, type QueryMiddleware } from '../../src/index.ts'
import { open } from '../fixtures/accounts.ts'
import { type Balance, balances } from '../fixtures/balances.ts'
import { LiveWorld } from '../fixtures/live-world.ts'
import { definitions, GetBalance, type View } from '../fixtures/queries.ts'

describe('the middleware of queries', () => {
  test('runs around each run of a live query, and may answer it', async () => {
    const runs: string[] = []
    let isOpen = true
    const middleware: QueryMiddleware = async ({ query, options }, next) => {
      runs.push(query.constructor.name)
      return isOpen ? -1 : next({ query, options })
    }
    await using world = new LiveWorld(definitions, { queryMiddleware: [middleware] })
    await world.projections.start()
    const reader = world.read(new GetBalance('a1'))
    expect(await reader.next()).toBe(-1)
    isOpen = false
    await world.commands.execute(open, { id: 'a2', owner: 'Ada' })
    expect(await reader.next()).toBeUndefined()
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await reader.next()).toBe(0)
    expect(runs).toEqual(['GetBalance', 'GetBalance', 'GetBalance'])
  })
})

describe('the handler of a live query', () => {
  test('runs in the asynchronous context of its subscriber, each time', async () => {
    const user = new AsyncLocalStorage<string>()
    class WhoAsks extends Query<string> {}
    const whoAsks = defineQueryHandler(WhoAsks, {
      reads: [balances],
      execute: async (_query, view: View<Balance>) =>
        `${user.getStore()} sees ${await view.countDocuments()}`,
    })
    await using world = new LiveWorld([...definitions, whoAsks])
    await world.projections.start()
    const ada = user.run('Ada', () => world.read(new WhoAsks()))
    const bob = user.run('Bob', () => world.read(new WhoAsks()))
    expect([await ada.next(), await bob.next()]).toEqual(['Ada sees 0', 'Bob sees 0'])
    await user.run('Eve', () => world.commands.execute(open, { id: 'a1', owner: 'Ada' }))
    expect([await ada.next(), await bob.next()]).toEqual(['Ada sees 1', 'Bob sees 1'])
  })
})
