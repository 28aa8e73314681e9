import { describe, expect, test } from 'vitest'
import {
  createSingletonResolver,
  defineProjection,
  defineQueryHandler,
  HandlerNotResolvableError,
  ProjectionHaltedError,
  type HandlerResolver,
  type HandlerScope,
  Query,
} from '../../src/index.ts'
import { defineAccount, open, opened } from '../fixtures/accounts.ts'
import { balances, bank, byAccount } from '../fixtures/balances.ts'
import { until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

class Greeter {
  readonly greeting = 'hello'
}
class Picky {
  readonly length: number
  constructor(text: string) {
    this.length = text.length
  }
}

describe('without a container', () => {
  test('a handler is made once, with new and no arguments', () => {
    const resolver = createSingletonResolver()
    const first = resolver.open().resolve(Greeter)
    expect(first).toBeInstanceOf(Greeter)
    expect(resolver.open().resolve(Greeter)).toBe(first)
  })

  test('a handler that needs arguments is refused with the reason', () => {
    const resolve = (): unknown => createSingletonResolver().open().resolve(Picky)
    expect(resolve).toThrow(HandlerNotResolvableError)
    expect(resolve).toThrow('Handler "Picky" could not be made')
  })
})

/** Counts the scopes that are open. */
class CountedScopes implements HandlerResolver {
  opened = 0
  closed = 0
  constructor(readonly failure?: { readonly on: 'open' | 'close' }) {}
  open(): HandlerScope {
    this.opened += 1
    if (this.failure?.on === 'open') throw new TypeError('no scope')
    return {
      resolve: () => {
        throw new TypeError('nothing to resolve')
      },
      close: async () => {
        this.closed += 1
        if (this.failure?.on === 'close') throw new TypeError('not freed')
      },
    }
  }
}

class Ask extends Query<string> {}
const ask = defineQueryHandler(Ask, { reads: [balances], execute: () => 'answered' })
const definitions = [defineAccount(), byAccount, ask]

describe('a scope', () => {
  test('is opened for each message and projection, and closed after it', async () => {
    const resolver = new CountedScopes()
    const world = new World(definitions, { resolver })
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    await world.commands.execute(open, { id: '', owner: 'Ada' }).catch(() => undefined)
    await world.queries.query(new Ask())
    await world.queries.query(new Ask(), { asOf: { position: 0n } })
    expect([resolver.opened, resolver.closed]).toEqual([4, 4])
    await world.projections.start()
    await world.settle('by-account')
    await world.projections.stop()
    await world.projections.rebuild('by-account')
    expect([resolver.opened, resolver.closed]).toEqual([6, 6])
  })

  test('that cannot be freed changes no answer and is logged', async () => {
    await using world = new World(definitions, { resolver: new CountedScopes({ on: 'close' }) })
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    expect(await world.queries.query(new Ask())).toBe('answered')
    expect(await world.queries.query(new Ask(), { asOf: { position: 0n } })).toBe('answered')
    expect(await world.projections.rebuild('by-account')).toMatchObject({ events: 1 })
    await world.projections.start()
    await world.settle('by-account')
    await world.projections.stop()
    expect(new Set(world.log.lines.map(({ message }) => message))).toEqual(
      new Set(['What a handler injected could not be freed.']),
    )
    expect(world.projections.status()[0]?.lastError).toBeUndefined()
  })

  test.each(['open', 'close'] as const)(
    'that fails to %s does not keep a projection for a process that stopped',
    async (on) => {
      const tuning = { leaseMs: 60 }
      const world = new World(bank, { resolver: new CountedScopes({ on }), tuning })
      await world.append('account-a1', opened.create({ owner: 'Ada' }))
      await world.projections.start()
      await until(() => ['retrying', 'live'].includes(world.projections.status()[0]?.state ?? ''))
      await world.projections.stop()
      await using other = world.another(bank, { tuning })
      await other.projections.start()
      await until(() => other.projections.status()[0]?.state === 'live')
    },
  )

  test('whose handler cannot be made halts the projection at once, told in status and log', async () => {
    const picky = defineProjection('picky', {
      into: balances,
      handlers: [
        {
          kind: 'fold',
          event: opened,
          model: balances,
          key: () => 'a1',
          bind: (scope) => {
            scope.resolve(Picky)
            return () => null
          },
        },
      ],
    })
    await using world = new World([picky])
    await world.projections.start()
    await until(() => world.projections.status()[0]?.state === 'halted')
    const { lastError } = world.projections.status()[0]!
    expect(lastError).toBeInstanceOf(ProjectionHaltedError)
    expect((lastError as Error).cause).toBeInstanceOf(HandlerNotResolvableError)
    expect((lastError as Error).message).toMatch(
      /^Projection "picky" is halted: Handler "Picky" could not be made: .* Mend the handler and start again/,
    )
    expect(world.log.lines).toMatchObject([{ level: 'error' }])
    await expect(world.projections.waitFor('picky', 0n, 60_000)).rejects.toBe(lastError)
  })
})
