import { Aggregate, AggregateId, AggregateRoot, Command, CommandHandler } from 'varve'

@Command('invoice.charge')
export class Charge {
  @AggregateId() readonly invoiceId!: string
}

@Aggregate('invoice')
export class Invoice extends AggregateRoot {}

@CommandHandler(Charge, { aggregate: Invoice })
export class ChargeHandler {
  async execute(_charge: Charge, _invoice: Invoice) {
    throw new TypeError('fetch failed')
  }
}
