import { type AggregateRepository, AggregateRoot } from '@varve/core'
import { Aggregate, AggregateId, Command, CommandHandler, Event } from '@varve/decorators'
import {
  bindVarve,
  commandBusIdentifier,
  type CommandBusService,
  queryBusIdentifier,
  type QueryBusService,
  repositoryIdentifier,
  type VarveServices,
} from '@varve/inversify'

@Event('account.deposited')
class MoneyDeposited {
  constructor(readonly amount: number) {}
}

@Command('account.exchange')
export class Exchange {
  @AggregateId() readonly accountId!: string
  readonly amount!: number
  readonly currency!: string
}

@Aggregate('account')
export class Account extends AggregateRoot {
  deposit(amount: number): void {
    this.emit(new MoneyDeposited(amount))
  }
}

export interface Rates {
  of(currency: string): Promise<number>
}

export class BankRates implements Rates {
  async of(currency: string): Promise<number> {
    return currency === 'USD' ? 2 : 1
  }
}

// #region resolver
import { InversifyResolver } from '@varve/inversify'
import { Container, inject, injectable } from 'inversify'

const ratesIdentifier = Symbol('rates')

@CommandHandler(Exchange, { aggregate: Account })
@injectable()
export class ExchangeHandler {
  constructor(@inject(ratesIdentifier) readonly rates: Rates) {}
  async execute(command: Exchange, account: Account) {
    account.deposit(command.amount * (await this.rates.of(command.currency)))
  }
}

export const container = new Container()
container.bind(ratesIdentifier).to(BankRates).inSingletonScope()

export const resolver = new InversifyResolver(container)
// #endregion resolver

export class UnitOfWork {}

// #region per-message
export const resolverPerMessage = new InversifyResolver(container, {
  perMessage: (message) => {
    message.bind(UnitOfWork).toSelf().inSingletonScope() // its @preDestroy runs when the message is done
  },
})
// #endregion per-message

// #region controller
@injectable()
export class AccountController {
  constructor(
    @inject(commandBusIdentifier) readonly commands: CommandBusService,
    @inject(queryBusIdentifier) readonly queries: QueryBusService,
    @inject(repositoryIdentifier(Account)) readonly accounts: AggregateRepository<Account>,
  ) {}
}

/** @returns What takes the bindings off again. */
export function bind(services: VarveServices): () => void {
  return bindVarve(container, services)
}
// #endregion controller
