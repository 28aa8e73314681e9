import { AggregateRoot } from '@varve/core'
import { describe, expect, test } from 'vitest'
import { Aggregate, AggregateId, Applies, Command, Event, Handles } from '../../src/index.ts'
import { Deposit, MoneyDeposited } from '../bank.ts'
import { allMistakesOf, unchecked, Undecorated } from './mistakes.ts'

describe('an event', () => {
  test('without a name', () => {
    @Event(' ')
    class Nameless {}
    expect(allMistakesOf(Nameless)).toEqual([
      'Event Nameless has an empty name. Give it a stable one, which must not change when the class is renamed.',
    ])
  })

  test('with two names', () => {
    @Event('account.closed')
    @Event('account.shut')
    class Closed {}
    expect(allMistakesOf(Closed)).toEqual([
      'Event Closed has 2 names, "account.shut" and "account.closed". Keep one of them.',
    ])
  })

  test('with a version that is none', () => {
    @Event('account.closed', { version: 0.5 })
    class Closed {}
    expect(allMistakesOf(Closed)).toEqual([
      'Event Closed has version 0.5. Give it a whole number from 1.',
    ])
  })

  test('that only its parent class is', () => {
    class DepositedTwice extends MoneyDeposited {}
    @Aggregate('account')
    class Twice extends AggregateRoot {
      @Applies(DepositedTwice)
      deposited(_event: DepositedTwice) {}
    }
    expect(allMistakesOf(Twice)).toEqual([
      "Twice.deposited applies DepositedTwice, which is no event. Put @Event('<a stable type>') on the class.",
    ])
  })
})

describe('a command', () => {
  test('without an aggregate id', () => {
    @Command('account.close')
    class Close {}
    @Aggregate('account')
    class Closable extends AggregateRoot {
      @Handles(Close)
      close(_command: Close) {}
    }
    expect(allMistakesOf(Closable)).toEqual([
      'Command Close does not say which aggregate it is for. Put @AggregateId() on one of its properties.',
    ])
  })

  test('with two aggregate ids', () => {
    @Command('account.transfer')
    class Transfer {
      @AggregateId() readonly from!: string
      @AggregateId() readonly to!: string
    }
    @Aggregate('account')
    class Transferable extends AggregateRoot {
      @Handles(Transfer)
      transfer(_command: Transfer) {}
    }
    expect(allMistakesOf(Transferable)).toEqual([
      'Command Transfer has 2 properties with @AggregateId(), from and to. Keep one of them.',
    ])
  })

  test('with an empty name', () => {
    @Command('')
    class Nameless {
      @AggregateId() readonly id!: string
    }
    @Aggregate('account')
    class Handling extends AggregateRoot {
      @Handles(Nameless)
      handle(_command: Nameless) {}
    }
    expect(allMistakesOf(Handling)).toEqual([
      'Command Nameless has an empty name. Give it a stable one, which must not change when the class is renamed.',
    ])
  })

  test('that is listed and handled by nothing', () => {
    expect(allMistakesOf(Deposit)).toEqual([
      'Command Deposit is among the definitions, but nothing there handles it. List the aggregate or the command handler, or take it off the list.',
    ])
  })
})

describe('an aggregate', () => {
  test('with two handlers of one command and two folds of one event', () => {
    @Aggregate('account')
    class Doubled extends AggregateRoot {
      @Handles(Deposit)
      deposit(_command: Deposit) {}
      @Handles(Deposit)
      add(_command: Deposit) {}
      @Applies(MoneyDeposited)
      deposited(_event: MoneyDeposited) {}
      @Applies(MoneyDeposited)
      added(_event: MoneyDeposited) {}
    }
    expect(allMistakesOf(Doubled)).toEqual([
      'Doubled handles Deposit twice, in "deposit" and "add". Keep one of them.',
      'Doubled applies MoneyDeposited twice, in "deposited" and "added". Keep one of them.',
    ])
  })

  test('of commands and events that are none', () => {
    @Aggregate('account')
    class Mistaken extends AggregateRoot {
      @Handles(Undecorated)
      handle(_command: Undecorated) {}
      @Applies(Undecorated)
      apply(_event: Undecorated) {}
      @Applies(unchecked(undefined))
      circular() {}
    }
    expect(allMistakesOf(Mistaken)).toEqual([
      "Mistaken.handle handles Undecorated, which is no command. Put @Command('<a stable type>') on the class.",
      "Mistaken.apply applies Undecorated, which is no event. Put @Event('<a stable type>') on the class.",
      "Mistaken.circular applies undefined (do two files import each other?), which is no event. Put @Event('<a stable type>') on the class.",
    ])
  })

  test('that does not extend AggregateRoot', () => {
    class Plain {}
    Aggregate('plain')(unchecked(Plain))
    expect(allMistakesOf(Plain)).toEqual([
      'Aggregate Plain does not extend AggregateRoot. Write "class Plain extends AggregateRoot".',
    ])
  })

  test('whose constructor takes arguments', () => {
    class Injected extends AggregateRoot {
      constructor(readonly service: object) {
        super()
      }
    }
    Aggregate('injected')(unchecked(Injected))
    expect(allMistakesOf(Injected)).toEqual([
      'The constructor of aggregate Injected takes arguments, but aggregates are made without any. Inject into a class with @CommandHandler instead.',
    ])
  })

  test('whose category has a hyphen or is empty', () => {
    @Aggregate('bank-account')
    class BankAccount extends AggregateRoot {}
    @Aggregate('')
    class Empty extends AggregateRoot {}
    expect(allMistakesOf(BankAccount, Empty)).toEqual([
      'The category of aggregate BankAccount is wrong. "bank-account" cannot name a stream: a category ends at the first "-", so it has none.',
      'Aggregate Empty has an empty name. Give it a stable one, which must not change when the class is renamed.',
    ])
  })
})
