import {
  type CommandContext,
  type CommandDefinition,
  type CommandHandlerDefinition,
  type Constructor,
  createSingletonResolver,
  type EventContext,
  type HandlerScope,
  isVarveError,
  type FoldHandler,
  type ProjectionDefinition,
  type QueryHandlerDefinition,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import { collectDefinitions, CommandHandler, On, Projection } from '../../src/index.ts'
import {
  Account,
  AccountBalance,
  AccountBalances,
  AccountOpened,
  Deposit,
  GetBalance,
  GetBalanceHandler,
  MoneyDeposited,
} from '../bank.ts'

const collected = <Definition>(target: Constructor) =>
  collectDefinitions([target]).definitions[0] as Definition

describe('a command handler', () => {
  @CommandHandler(Deposit, { aggregate: Account })
  class DepositTwice {
    async execute(command: Deposit, account: Account, context: CommandContext) {
      account.deposit({ accountId: context.aggregateId, amount: command.amount })
      await Promise.resolve()
      account.deposit({ accountId: context.aggregateId, amount: account.balance })
    }
  }
  const scope = createSingletonResolver().open()
  const context = {
    aggregateId: 'a1',
    resolve: (type: Constructor) => scope.resolve(type),
  } as unknown as CommandContext

  test('decides on its aggregate; what that emits are the events', async () => {
    const { handling, aggregate } = collected<CommandHandlerDefinition>(DepositTwice)
    const account = aggregate.initial('a1')
    const { events, state } = await handling.decide(account, { amount: 5 }, context)
    expect(events).toEqual([new MoneyDeposited(5), new MoneyDeposited(5)])
    expect(state).toBe(account)
    expect((account as Account).balance).toBe(10)
  })

  test('starts without the events of an earlier decision', async () => {
    const { handling, aggregate } = collected<CommandHandlerDefinition>(DepositTwice)
    const account = aggregate.initial('a1')
    await handling.decide(account, { amount: 5 }, context)
    const { events } = await handling.decide(account, { amount: 1 }, context)
    expect(events).toEqual([new MoneyDeposited(1), new MoneyDeposited(11)])
  })

  test('is found for the aggregate that is listed', () => {
    const { definitions } = collectDefinitions([DepositTwice, Account])
    expect(definitions[0]).toMatchObject({ kind: 'command-handler', aggregate: definitions[1] })
  })

  test('passes on what it throws', async () => {
    @CommandHandler(Deposit, { aggregate: Account })
    class Refusing {
      execute() {
        throw new RangeError('not today')
      }
    }
    const { handling, aggregate } = collected<CommandHandlerDefinition>(Refusing)
    await expect(
      Promise.resolve(handling.decide(aggregate.initial('a1'), {}, context)),
    ).rejects.toThrow(new RangeError('not today'))
  })
})

describe('a command', () => {
  const aggregateIdOf = (command: object) =>
    collected<{ commands: { command: CommandDefinition }[] }>(
      Account,
    ).commands[1]!.command.aggregateId(command)

  test('names its aggregate', () => {
    expect(aggregateIdOf({ accountId: 'a1' })).toBe('a1')
  })

  test.each([[{}], [{ accountId: '' }], [{ accountId: 7 }], [{ accountId: null }]])(
    'that names none is invalid: %o',
    (command) => {
      expect(() => aggregateIdOf(command)).toThrow(
        expect.objectContaining({
          code: 'INVALID_MESSAGE',
          type: 'account.deposit',
          violations: [
            {
              path: 'accountId',
              rule: 'aggregateId',
              message: 'accountId names the aggregate and must be a string that is not empty',
            },
          ],
        }) as Error,
      )
    },
  )

  test('that is invalid is refused with a Varve error', () => {
    expect.assertions(1)
    try {
      aggregateIdOf({})
    } catch (error) {
      expect(isVarveError(error)).toBe(true)
    }
  })
})

describe('a query handler', () => {
  test('gets the query and the views, made by the scope', () => {
    const { execute } = collected<QueryHandlerDefinition>(GetBalanceHandler)
    const views = [new Map([['a1', { _id: 'a1', owner: 'Ada', balance: 7 }]])]
    const scope = createSingletonResolver().open()
    expect(execute(new GetBalance('a1'), views, scope)).toBe(7)
  })
})

describe('a projection', () => {
  class CountingScope implements HandlerScope {
    resolved = 0
    resolve<Handler extends object>(handler: Constructor<Handler>): Handler {
      this.resolved += 1
      return new (handler as unknown as new () => Handler)()
    }
    async close() {}
  }

  test('folds with the methods of one instance for each scope', () => {
    @Projection('counting', { into: AccountBalance })
    class Counting {
      calls = 0
      @On(AccountOpened)
      opened(event: AccountOpened) {
        return { _id: 'a1', owner: event.owner, balance: (this.calls += 1) }
      }
      @On(MoneyDeposited)
      deposited(_event: MoneyDeposited, account: AccountBalance) {
        account.balance = this.calls += 1
      }
    }
    const handlers = collected<ProjectionDefinition>(Counting).handlers as readonly FoldHandler[]
    const scope = new CountingScope()
    const [opened, deposited] = handlers.map((handler) => handler.bind(scope))
    const context = {} as EventContext
    const document = opened!(new AccountOpened('Ada', new Date(0)), undefined, context, [])
    deposited!(new MoneyDeposited(1), document as AccountBalance, context, [])
    expect(document).toEqual({ _id: 'a1', owner: 'Ada', balance: 2 })
    expect(scope.resolved).toBe(1)
    handlers[0]!.bind(new CountingScope())
    expect(scope.resolved).toBe(1)
  })

  test('finds the document by the id of the aggregate, unless it says otherwise', () => {
    const { handlers } = collected<ProjectionDefinition>(AccountBalances)
    const context = { aggregateId: 'a1' } as EventContext
    expect(handlers.map(({ key }) => key({}, context))).toEqual(['a1', 'a1'])
  })
})
