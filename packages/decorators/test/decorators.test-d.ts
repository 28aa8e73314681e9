import { AggregateRoot, type CommandContext, type EventContext, Query } from '@varve/core'
import {
  Aggregate,
  AggregateId,
  Applies,
  Command,
  CommandHandler,
  Event,
  Handles,
  On,
  Projection,
  QueryHandler,
  ReadModel,
} from '../src/index.ts'
import {
  Account,
  AccountBalance,
  AccountOpened,
  Deposit,
  MoneyDeposited,
  OpenAccount,
} from './bank.ts'

export class EventsAndCommands {
  // @ts-expect-error -- a property that is no string cannot name an aggregate
  @AggregateId() readonly amount!: number

  // @ts-expect-error -- a property that may be missing cannot name an aggregate
  @AggregateId() readonly maybe?: string

  @AggregateId() readonly id!: string
}

// @ts-expect-error -- a field is a date or a bigint
@Event('account.renamed', { fields: { renamedAt: 'time' } })
export class Renamed {}

// @ts-expect-error -- a type is always named
@Command()
export class Unnamed {}

@Aggregate('wallet')
export class Wallet extends AggregateRoot {
  @Handles(Deposit)
  takesTheCommand(_command: Deposit, _context: CommandContext) {}

  @Handles(Deposit)
  takesNothing() {}

  @Handles(Deposit)
  takesLess(_command: { amount: number }) {}

  @Handles(Deposit)
  async waits(_command: Deposit) {}

  @Handles(Deposit)
  private isPrivate(_command: Deposit) {}

  // @ts-expect-error -- another command is given than the method takes
  @Handles(Deposit)
  takesAnother(_command: OpenAccount) {}

  // @ts-expect-error -- what a method returns is not stored, only what it emits
  @Handles(Deposit)
  returnsEvents(command: Deposit) {
    return [new MoneyDeposited(command.amount)]
  }

  @Applies(MoneyDeposited)
  appliesTheEvent(_event: MoneyDeposited) {
    this.isPrivate(new Deposit())
  }

  // @ts-expect-error -- another event is given than the method takes
  @Applies(MoneyDeposited)
  appliesAnother(_event: AccountOpened) {}

  // @ts-expect-error -- nobody awaits a fold
  @Applies(MoneyDeposited)
  async appliesLater(_event: MoneyDeposited) {}

  // @ts-expect-error -- a static method is no handler
  @Handles(Deposit)
  static open(_command: Deposit) {}
}

// @ts-expect-error -- an aggregate extends AggregateRoot
@Aggregate('plain')
export class Plain {
  // @ts-expect-error -- only aggregates handle commands
  @Handles(Deposit)
  deposit(_command: Deposit) {}

  // @ts-expect-error -- only aggregates apply events
  @Applies(MoneyDeposited)
  deposited(_event: MoneyDeposited) {}
}

// @ts-expect-error -- an aggregate is made without arguments
@Aggregate('injected')
export class Injected extends AggregateRoot {
  constructor(readonly service: Date) {
    super()
  }
}

@CommandHandler(Deposit, { aggregate: Account })
export class DepositHandler {
  constructor(readonly service: Date) {}
  async execute(command: Deposit, account: Account, _context: CommandContext) {
    account.deposit(command)
  }
}

// @ts-expect-error -- another command is given than execute takes
@CommandHandler(Deposit, { aggregate: Account })
export class TakesAnotherCommand {
  execute(_command: OpenAccount) {}
}

// @ts-expect-error -- another aggregate is given than execute takes
@CommandHandler(Deposit, { aggregate: Account })
export class TakesAnotherAggregate {
  execute(_command: Deposit, _wallet: Wallet) {}
}

// @ts-expect-error -- what execute returns is not stored, only what the aggregate emits
@CommandHandler(Deposit, { aggregate: Account })
export class ReturnsEvents {
  execute(command: Deposit) {
    return [new MoneyDeposited(command.amount)]
  }
}

// @ts-expect-error -- execute is what is called
@CommandHandler(Deposit, { aggregate: Account })
export class DoesNotExecute {}

// @ts-expect-error -- a read model has an _id
@ReadModel('without_id')
export class WithoutId {
  readonly owner!: string
}

@ReadModel('statistics')
export class Statistics {
  readonly _id!: string
  deposits!: number
}

@Projection('several', { into: [AccountBalance, Statistics] })
export class Several {
  @On(MoneyDeposited, { into: AccountBalance })
  @On(AccountOpened, { into: AccountBalance, key: (event) => [event.owner] })
  mayBeThere(_event: object, document: AccountBalance | undefined) {
    return document
  }

  @On(MoneyDeposited, { into: Statistics })
  there(_event: MoneyDeposited, document: Statistics) {
    document.deposits++
  }

  @On(MoneyDeposited, { into: Statistics })
  notThere(event: MoneyDeposited, _: undefined, context: EventContext): Statistics {
    return { _id: context.aggregateId, deposits: event.amount }
  }

  @On(MoneyDeposited, { into: Statistics })
  deletes(_event: MoneyDeposited) {
    return null
  }

  // @ts-expect-error -- the documents of another read model are given than the method takes
  @On(MoneyDeposited, { into: Statistics })
  takesAnotherDocument(_event: MoneyDeposited, _document: AccountBalance) {}

  // @ts-expect-error -- the documents of another read model are returned
  @On(MoneyDeposited, { into: Statistics })
  returnsAnotherDocument(_event: MoneyDeposited, _: undefined): AccountBalance {
    return { _id: 'a1', owner: 'Ada', balance: 1 }
  }

  // @ts-expect-error -- another event is given than the method takes
  @On(MoneyDeposited, { into: Statistics })
  takesAnotherEventInto(_event: AccountOpened, _document: Statistics) {}
}

// @ts-expect-error -- a projection is into read models
@Projection('into-events', { into: MoneyDeposited })
export class IntoEvents {
  @On(MoneyDeposited)
  takesTheEvent(_event: MoneyDeposited, _document: AccountBalance) {}

  @On(MoneyDeposited)
  mayBeThere(_event: MoneyDeposited, _document: AccountBalance | undefined) {}

  // @ts-expect-error -- another event is given than the method takes
  @On(MoneyDeposited)
  takesAnotherEvent(_event: AccountOpened) {}

  // @ts-expect-error -- nobody awaits a fold
  @On(MoneyDeposited)
  async later(_event: MoneyDeposited, _document: AccountBalance) {}

  // @ts-expect-error -- a document has an _id
  @On(MoneyDeposited)
  returnsNoDocument(_event: MoneyDeposited) {
    return { amount: 1 }
  }

  // @ts-expect-error -- another event is given than the key takes
  @On(MoneyDeposited, { key: (event: AccountOpened) => event.owner })
  wrongKey(_event: MoneyDeposited) {}

  // @ts-expect-error -- a key is a string
  @On(MoneyDeposited, { key: (event) => event.amount })
  keyOfAnotherType(_event: MoneyDeposited) {}

  // @ts-expect-error -- a static method is no handler
  @On(MoneyDeposited)
  static deposited(_event: MoneyDeposited) {}
}

export class CountDeposits extends Query<number> {
  readonly since = '2026-01-01'
}

type View<Document> = readonly Document[]

@QueryHandler(CountDeposits, { reads: [Statistics, AccountBalance] })
export class CountDepositsHandler {
  constructor(readonly service: Date) {}
  async execute(
    _query: CountDeposits,
    statistics: View<Statistics>,
    balances: View<AccountBalance>,
  ): Promise<number> {
    return statistics.length + balances.length
  }
}

@QueryHandler(CountDeposits, { reads: Statistics })
export class CountNow {
  execute(_query: CountDeposits, statistics: View<Statistics>) {
    return statistics.length
  }
}

// @ts-expect-error -- the query asks for a number
@QueryHandler(CountDeposits, { reads: Statistics })
export class AnswersAnotherResult {
  execute() {
    return 'many'
  }
}

// @ts-expect-error -- another query is given than execute takes
@QueryHandler(CountDeposits, { reads: Statistics })
export class AnswersAnotherQuery {
  execute(_query: Deposit) {
    return 1
  }
}

// @ts-expect-error -- one read model is one argument
@QueryHandler(CountDeposits, { reads: Statistics })
export class TakesTooMany {
  execute(_query: CountDeposits, statistics: View<Statistics>, balances: View<AccountBalance>) {
    return statistics.length + balances.length
  }
}

// @ts-expect-error -- a query extends Query
@QueryHandler(Deposit, { reads: Statistics })
export class AnswersNoQuery {
  execute() {
    return 1
  }
}

// @ts-expect-error -- reads names read models
@QueryHandler(CountDeposits, { reads: MoneyDeposited })
export class ReadsNoReadModel {
  execute() {
    return 1
  }
}
