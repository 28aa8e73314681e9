import {
  Aggregate,
  AggregateId,
  AggregateRoot,
  Applies,
  Command,
  createApplication,
  Event,
  type EventContext,
  Handles,
  On,
  Projection,
  Query,
  QueryHandler,
  ReadModel,
  type ReadModelView,
  silentLogger,
} from 'varve'
import { uncheckedMessages } from '@varve/core'

@Event('account.opened')
export class Opened {
  constructor(readonly owner: string) {}
}
@Event('account.deposited')
export class Deposited {
  constructor(readonly amount: number) {}
}
@Command('account.open')
export class Open {
  @AggregateId() readonly id!: string
  readonly owner!: string
}
@Command('account.deposit')
export class Deposit {
  @AggregateId() readonly id!: string
  readonly amount!: number
}

@Aggregate('account', { snapshot: { every: 2, version: 1 } })
export class Account extends AggregateRoot {
  balance = 0
  seenId = ''
  @Handles(Open)
  open({ owner }: Open) {
    this.emit(new Opened(owner))
  }
  @Handles(Deposit)
  deposit({ amount }: Deposit) {
    this.emit(new Deposited(amount))
  }
  @Applies(Opened)
  opened() {
    this.seenId = this.aggregateId
  }
  @Applies(Deposited)
  deposited({ amount }: Deposited) {
    this.balance += amount
  }
}

@ReadModel('balances', { history: true, indexes: [{ keys: { owner: 1 }, unique: true }] })
export class Balance {
  readonly _id!: string
  owner!: string
  amount!: number
}

@Projection('balances', { into: Balance })
export class Balances {
  @On(Opened)
  opened({ owner }: Opened, _: undefined, { aggregateId }: EventContext): Balance {
    return { _id: aggregateId, owner, amount: 0 }
  }
  @On(Deposited)
  deposited({ amount }: Deposited, balance: Balance) {
    balance.amount += amount
  }
}

@ReadModel('owners')
export class Owner {
  readonly _id!: string
  accounts!: string[]
}

@Projection('owners', { into: Owner })
export class Owners {
  @On(Opened, { key: ({ owner }) => owner })
  opened({ owner }: Opened, found: Owner | undefined, { aggregateId }: EventContext): Owner {
    return { _id: owner, accounts: [...(found?.accounts ?? []), aggregateId] }
  }
}

export type Look = (view: ReadModelView<Balance>) => unknown

/** Hands the view to whoever asks: what a careless or hostile handler might do with it. */
export class Ask extends Query<unknown> {
  constructor(readonly look: Look) {
    super()
  }
}
@QueryHandler(Ask, { reads: Balance })
export class AskHandler {
  execute({ look }: Ask, view: ReadModelView<Balance>) {
    return look(view)
  }
}
export class ListOwners extends Query<Owner[]> {}
@QueryHandler(ListOwners, { reads: Owner })
export class ListOwnersHandler {
  execute(_: ListOwners, owners: ReadModelView<Owner>) {
    return owners.find().sort({ _id: 1 }).toArray()
  }
}

export const definitions = [Account, Balances, Owners, AskHandler, ListOwnersHandler]
export const openWith = (more: object = {}) =>
  createApplication({
    definitions,
    eventStore: 'memory:',
    readModels: 'memory:',
    tenants: true,
    validator: uncheckedMessages,
    logger: silentLogger,
    ...more,
  })
export type App = Awaited<ReturnType<typeof openWith>>

export async function fill(app: App, tenant: string, id: string, amount: number) {
  await app.execute(Open, { id, owner: `Owner of ${id}` }, { tenant })
  return app.execute(Deposit, { id, amount }, { tenant })
}
export const ask = (app: App, tenant: string, look: Look, options: object = {}) =>
  app.query(new Ask(look), { tenant, ...options })
