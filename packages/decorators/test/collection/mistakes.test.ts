import { AggregateRoot, Query } from '@varve/core'
import { describe, expect, test } from 'vitest'
import {
  Aggregate,
  CommandHandler,
  Event,
  Handles,
  On,
  Projection,
  QueryHandler,
  ReadModel,
} from '../../src/index.ts'
import { Account, AccountBalance, Deposit, MoneyDeposited } from '../bank.ts'
import { allMistakesOf, mistakesOf, unchecked, Undecorated } from './mistakes.ts'

describe('a handler', () => {
  test('of a command for a class that is no aggregate', () => {
    @CommandHandler(Deposit, { aggregate: unchecked<AggregateRoot>(Undecorated) })
    class DepositHandler {
      execute() {}
    }
    expect(allMistakesOf(DepositHandler)).toEqual([
      "DepositHandler handles Deposit for Undecorated, which is no aggregate. Put @Aggregate('<a category>') on the class.",
    ])
  })

  test('of a class that is no query, reading a class that is no read model', () => {
    class Handler {
      execute() {
        return 1
      }
    }
    QueryHandler(unchecked<Query<number>>(Undecorated), { reads: [Undecorated] })(
      unchecked(Handler),
    )
    expect(mistakesOf(Handler)).toEqual([
      'Handler answers Undecorated, which is no query: it does not extend Query. Write "class Undecorated extends Query<Result>".',
      "Handler reads Undecorated, which is no read model. Put @ReadModel('<a stable name>') on the class.",
    ])
  })

  test('that does not execute', () => {
    class Idle {}
    CommandHandler(Deposit, { aggregate: Account })(unchecked(Idle))
    class Ask extends Query<number> {}
    class Silent {}
    QueryHandler(Ask, { reads: [] })(unchecked(Silent))
    expect(mistakesOf(Account, Idle, Silent)).toEqual([
      'Idle has no method "execute", which is what is called.',
      'Silent has no method "execute", which is what is called.',
    ])
  })
})

describe('a projection', () => {
  test('into a class that is no read model', () => {
    @Projection('mistaken', { into: Undecorated })
    class Mistaken {
      @On(MoneyDeposited)
      deposited(_event: MoneyDeposited) {}
    }
    expect(allMistakesOf(Mistaken)).toEqual([
      "Projection Mistaken builds Undecorated, which is no read model. Put @ReadModel('<a stable name>') on the class.",
    ])
  })

  test('on a class that is no event, into one that is no read model', () => {
    @Projection('mistaken', { into: AccountBalance })
    class Mistaken {
      @On(Undecorated, { into: Undecorated })
      happened(_event: Undecorated) {}
    }
    expect(allMistakesOf(Mistaken)).toEqual([
      "Mistaken.happened is on Undecorated, which is no event. Put @Event('<a stable type>') on the class.",
      "Mistaken.happened is into Undecorated, which is no read model. Put @ReadModel('<a stable name>') on the class.",
    ])
  })

  test('that does not say into which of several read models', () => {
    @ReadModel('totals')
    class Total {
      readonly _id!: string
    }
    @Projection('several', { into: [AccountBalance, Total] })
    class Several {
      @On(MoneyDeposited)
      deposited(_event: MoneyDeposited) {}
    }
    expect(allMistakesOf(Several)).toEqual([
      'Several.deposited is on MoneyDeposited, but does not say into which of the 2 read models of Several. Add { into: … } to its decorator.',
    ])
  })

  test('with an empty name and a version that is none', () => {
    @Projection('', { into: AccountBalance, version: 0 })
    class Nameless {
      @On(MoneyDeposited)
      deposited(_event: MoneyDeposited) {}
    }
    expect(allMistakesOf(Nameless)).toEqual([
      'Projection Nameless has version 0. Give it a whole number from 1.',
      'Projection Nameless has an empty name. Give it a stable one, which must not change when the class is renamed.',
    ])
  })

  test('with a read model without a name', () => {
    @ReadModel('')
    class Nameless {
      readonly _id!: string
    }
    @Projection('of-nameless', { into: Nameless })
    class OfNameless {
      @On(MoneyDeposited)
      deposited(_event: MoneyDeposited) {}
    }
    expect(allMistakesOf(OfNameless)).toEqual([
      'Read model Nameless has an empty name. Give it a stable one, which must not change when the class is renamed.',
    ])
  })
})

describe('the list', () => {
  test('with a class without a decorator', () => {
    expect(allMistakesOf(Undecorated)).toEqual([
      'Undecorated is among the definitions, but has no decorator of Varve of its own. Put one on the class, or take it off the list.',
    ])
  })

  test('with classes whose methods are decorated, but they are not', () => {
    class Deciding extends AggregateRoot {
      @Handles(Deposit)
      deposit(_command: Deposit) {}
    }
    class Projecting {
      @On(MoneyDeposited)
      deposited(_event: MoneyDeposited) {}
    }
    class Savings extends Account {}
    expect(allMistakesOf(Deciding, Projecting, Savings)).toEqual([
      "Deciding has methods with @Handles or @Applies (deposit), but no @Aggregate of its own. Put @Aggregate('<a category>') on the class.",
      "Projecting has methods with @On (deposited), but no @Projection or @EventHandler of its own. Put @Projection('<a stable name>', { into: … }) or @EventHandler('<a stable name>', { delivery: … }) on the class.",
      "Savings has methods with @Handles or @Applies (open, deposit, deposited), but no @Aggregate of its own. Put @Aggregate('<a category>') on the class.",
    ])
  })

  test('with what is no class', () => {
    expect(mistakesOf(Account, undefined, {}, 'Account')).toEqual([
      'Entry 1 of the definitions is undefined (do two files import each other?). List classes with a decorator of Varve, or definitions.',
      'Entry 2 of the definitions is an object that is no class. List classes with a decorator of Varve, or definitions.',
      'Entry 3 of the definitions is a string. List classes with a decorator of Varve, or definitions.',
    ])
  })
})

test('the mistakes of all classes are listed at once', () => {
  @Event('')
  class Nameless {}
  @Aggregate('bank-account')
  class BankAccount extends AggregateRoot {
    @Handles(Undecorated)
    handle(_command: Undecorated) {}
  }
  @Projection('mistaken', { into: Undecorated })
  class Mistaken {
    @On(MoneyDeposited)
    deposited(_event: MoneyDeposited) {}
  }
  expect(allMistakesOf(Nameless, BankAccount, Mistaken, Undecorated)).toHaveLength(5)
})
