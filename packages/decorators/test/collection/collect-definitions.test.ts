import {
  type AggregateDefinition,
  AggregateRoot,
  buildModel,
  defineEvent,
  defineProjection,
  defineReadModel,
  on,
  Query,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import {
  Aggregate,
  Applies,
  collectDefinitions,
  Event,
  On,
  Projection,
  QueryHandler,
  ReadModel,
} from '../../src/index.ts'
import {
  Account,
  AccountBalance,
  AccountBalances,
  AccountOpened,
  Deposit,
  GetBalance,
  GetBalanceHandler,
  MoneyDeposited,
  OpenAccount,
} from '../bank.ts'

const modelOf = (...entries: Parameters<typeof collectDefinitions>[0]) => {
  const { definitions, mistakes } = collectDefinitions(entries)
  return buildModel(definitions, mistakes)
}

describe('the classes of an application', () => {
  test('come to a model without mistakes', () => {
    const model = modelOf(Account, AccountBalances, GetBalanceHandler)
    expect([...model.commands.keys()]).toEqual(['account.open', 'account.deposit'])
    expect([...model.readModels.keys()]).toEqual(['account_balances'])
    expect([...model.queries.keys()]).toEqual([GetBalance])
    expect(model.events.map(({ type }) => type)).toEqual(['account.deposited', 'account.opened'])
  })

  test('hand on every option of an event', () => {
    const [opened, deposited] = collectDefinitions([AccountOpened, MoneyDeposited]).definitions
    expect(opened).toMatchObject({
      kind: 'event',
      type: 'account.opened',
      version: 1,
      class: AccountOpened,
      fields: { openedAt: 'date' },
    })
    expect(deposited).toMatchObject({ type: 'account.deposited', version: 2, fields: {} })
  })

  test('hand on every option of an aggregate', () => {
    const [account] = collectDefinitions([Account]).definitions
    expect(account).toMatchObject({
      kind: 'aggregate',
      category: 'account',
      class: Account,
      snapshot: { every: 100, version: 3 },
    })
  })

  test('hand on every option of a projection and its read model', () => {
    const [projection, model] = collectDefinitions([AccountBalances, AccountBalance]).definitions
    expect(projection).toMatchObject({ name: 'account-balances', version: 4, models: [model] })
    expect(model).toEqual({
      kind: 'read-model',
      name: 'account_balances',
      indexes: [{ keys: { owner: 1 } }],
      history: true,
      class: AccountBalance,
    })
  })

  test('count once, however often they are listed', () => {
    const { definitions, mistakes } = collectDefinitions([Account, Account, MoneyDeposited])
    expect(definitions.map(({ kind }) => kind)).toEqual(['aggregate', 'event'])
    expect(mistakes).toEqual([])
  })

  test('come to the same definition wherever one call names them, and to another in the next', () => {
    const both = [Account, MoneyDeposited]
    const [account, event] = collectDefinitions(both).definitions
    const applied = (account as unknown as AggregateDefinition).events[0]?.event
    expect(applied).toBe(event)
    expect(collectDefinitions(both).definitions[1]).not.toBe(event)
  })

  test('may be events that nothing else names', () => {
    @Event('audit.noted')
    class Noted {}
    expect(modelOf(Noted).events.map(({ type }) => type)).toEqual(['audit.noted'])
  })

  test('may be commands whose aggregate is listed', () => {
    expect([...modelOf(Deposit, Account).commands.keys()]).toContain('account.deposit')
  })

  test('keep their names when a minifier renames them', () => {
    Object.defineProperty(OpenAccount, 'name', { value: 'a' })
    expect([...modelOf(Account).commands.keys()]).toContain('account.open')
  })
})

describe('definitions made without decorators', () => {
  class Counted {
    readonly _id!: string
    count!: number
  }
  class Ticked {
    readonly by!: number
  }
  const ticked = defineEvent('clock.ticked', { class: Ticked })
  const counts = defineReadModel('counts', { class: Counted })
  const counting = defineProjection('counting', {
    into: counts,
    handlers: [on(ticked, counts, (event) => ({ _id: 'all', count: event.by }))],
  })

  test('pass through as they are', () => {
    const { definitions, mistakes } = collectDefinitions([counting])
    expect(definitions).toEqual([counting])
    expect(definitions[0]).toBe(counting)
    expect(mistakes).toEqual([])
  })

  test('are found by their class where decorated classes name it', () => {
    class GetCount extends Query<number> {}
    @QueryHandler(GetCount, { reads: Counted })
    class GetCountHandler {
      execute() {
        return 0
      }
    }
    @Aggregate('clock')
    class Clock extends AggregateRoot {
      @Applies(Ticked)
      ticked(_event: Ticked) {}
    }
    const model = modelOf(Clock, GetCountHandler, counting)
    expect(model.queries.get(GetCount)?.reads).toEqual([counts])
    expect(model.aggregates[0]?.events[0]?.event).toBe(ticked)
  })
})

describe('a projection with several read models', () => {
  @ReadModel('totals')
  class Total {
    readonly _id!: string
    amount!: number
  }
  @Projection('balances-and-totals', { into: [AccountBalance, Total] })
  class BalancesAndTotals {
    @On(MoneyDeposited, { into: Total, key: () => ['year', 'month'] })
    totalled(event: MoneyDeposited, _total: undefined): Total {
      return { _id: '', amount: event.amount }
    }
    @On(AccountOpened, { into: AccountBalance })
    @On(MoneyDeposited, { into: AccountBalance })
    either(_event: object, balance: AccountBalance | undefined) {
      return balance
    }
  }

  test('gives each handler the model it names, and each @On of a method a handler', () => {
    const { definitions, mistakes } = collectDefinitions([BalancesAndTotals])
    expect(mistakes).toEqual([])
    expect(definitions[0]).toMatchObject({
      version: 1,
      models: [{ name: 'account_balances' }, { name: 'totals' }],
      handlers: [
        { event: { type: 'account.deposited' }, model: { name: 'totals' } },
        { event: { type: 'account.deposited' }, model: { name: 'account_balances' } },
        { event: { type: 'account.opened' }, model: { name: 'account_balances' } },
      ],
    })
  })

  test('keeps the keys its handlers are given', () => {
    const [definition] = collectDefinitions([BalancesAndTotals]).definitions
    const handlers = definition?.kind === 'projection' ? definition.handlers : []
    const context = { aggregateId: 'a1' } as Parameters<(typeof handlers)[number]['key']>[1]
    expect(handlers.map(({ key }) => key({}, context))).toEqual([['year', 'month'], 'a1', 'a1'])
  })
})
