import {
  type AggregateDefinition,
  type CommandContext,
  createSingletonResolver,
  type Definition,
  type EventContext,
  type FoldHandler,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import {
  Aggregate,
  AggregateId,
  aggregateIdPropertiesOf,
  Applies,
  collectDefinitions,
  Command,
  Handles,
  On,
  Projection,
  ReadModel,
  readModelNameOf,
} from '../../src/index.ts'
import { Account, AccountBalance, AccountBalances, Deposit, MoneyDeposited } from '../bank.ts'

const context = {} as CommandContext

const aggregateOf = (definition: Definition | undefined) =>
  definition as unknown as AggregateDefinition<Account>

describe('an aggregate that extends another', () => {
  @Aggregate('savings')
  class Savings extends Account {
    override deposit(command: Deposit) {
      super.deposit(command)
      super.deposit(command)
    }

    @Applies(MoneyDeposited)
    protected override deposited(event: MoneyDeposited) {
      this.balance += event.amount * 10
    }
  }
  const { definitions, mistakes } = collectDefinitions([Account, Savings])
  const savings = aggregateOf(definitions[1])

  test('inherits the handlers and keeps one of each', () => {
    expect(mistakes).toEqual([])
    expect(savings.commands.map(({ command }) => command.type)).toEqual([
      'account.open',
      'account.deposit',
    ])
    expect(savings.events.map(({ event }) => event.type)).toEqual(['account.deposited'])
  })

  test('decides and folds with its own methods', async () => {
    const { events, state } = await savings.commands[1]!.decide(
      savings.initial('s1'),
      { amount: 1 },
      context,
    )
    expect(events).toEqual([new MoneyDeposited(1), new MoneyDeposited(1)])
    expect(state?.balance).toBe(20)
  })

  test('leaves its parent as it is', async () => {
    const account = aggregateOf(definitions[0])
    const { events, state } = await account.commands[1]!.decide(
      account.initial('a1'),
      { amount: 1 },
      context,
    )
    expect(events).toEqual([new MoneyDeposited(1)])
    expect(state?.balance).toBe(1)
  })

  test('inherits neither the category nor the snapshots', () => {
    expect(savings.category).toBe('savings')
    expect(savings.snapshot).toBeUndefined()
  })

  test('handles what it decorates a method with again, and no longer what the parent did', () => {
    @Command('account.withdraw')
    class Withdraw {
      @AggregateId() readonly accountId!: string
      readonly amount!: number
    }
    @Aggregate('withdrawing')
    class Withdrawing extends Account {
      @Handles(Withdraw)
      override deposit() {}
    }
    const { definitions, mistakes } = collectDefinitions([Withdrawing])
    expect(mistakes).toEqual([])
    expect(aggregateOf(definitions[0]).commands.map(({ command }) => command.type)).toEqual([
      'account.open',
      'account.withdraw',
    ])
  })
})

describe('a command that extends another', () => {
  @Command('account.deposit-cash')
  class DepositCash extends Deposit {
    readonly till!: string
  }

  test('inherits the aggregate id', () => {
    expect(aggregateIdPropertiesOf(DepositCash)).toEqual(['accountId'])
  })

  test('has one where it declares it again', () => {
    class Redeclared extends Deposit {
      @AggregateId() declare readonly accountId: string
    }
    expect(aggregateIdPropertiesOf(Redeclared)).toEqual(['accountId'])
  })
})

describe('a projection and a read model that extend others', () => {
  @ReadModel('savings_balances')
  class SavingsBalance extends AccountBalance {}
  @Projection('savings-balances', { into: SavingsBalance })
  class SavingsBalances extends AccountBalances {
    override deposited(event: MoneyDeposited, account: AccountBalance) {
      account.balance += event.amount * 10
    }
  }
  @Projection('loud-balances', { into: SavingsBalance })
  class LoudBalances extends AccountBalances {
    @On(MoneyDeposited, { key: () => 'loud' })
    override deposited() {}
  }

  test('inherit the handlers and keep one of each', () => {
    const { definitions, mistakes } = collectDefinitions([SavingsBalances])
    expect(mistakes).toEqual([])
    expect(definitions[0]).toMatchObject({
      name: 'savings-balances',
      models: [{ name: 'savings_balances' }],
      handlers: [
        { event: { type: 'account.opened' }, model: { name: 'savings_balances' } },
        { event: { type: 'account.deposited' }, model: { name: 'savings_balances' } },
      ],
    })
  })

  test('fold with their own methods', () => {
    const [projection] = collectDefinitions([SavingsBalances]).definitions
    const handlers = projection?.kind === 'projection' ? projection.handlers : []
    const document = { _id: 'a1', owner: 'Ada', balance: 1 }
    const fold = handlers[1] as FoldHandler
    const apply = fold.bind(createSingletonResolver().open())
    apply(new MoneyDeposited(2), document, {} as EventContext, [])
    expect(document.balance).toBe(21)
  })

  test('take the key of the method that is decorated again', () => {
    const [projection] = collectDefinitions([LoudBalances]).definitions
    const handlers = projection?.kind === 'projection' ? projection.handlers : []
    expect(handlers).toHaveLength(2)
    expect(handlers[1]!.key({}, {} as EventContext)).toBe('loud')
  })

  test('do not inherit names', () => {
    expect(readModelNameOf(SavingsBalance)).toBe('savings_balances')
    expect(readModelNameOf(class extends AccountBalance {})).toBeUndefined()
  })
})
