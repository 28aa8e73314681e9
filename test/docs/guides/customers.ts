// #region events
import {
  Aggregate,
  AggregateId,
  AggregateRoot,
  Applies,
  Command,
  Event,
  type EventContext,
  Handles,
  On,
  PersonalData,
  Projection,
  Query,
  QueryHandler,
  ReadModel,
  type ReadModelView,
} from 'varve'

@Event('customer.registered', { fields: { born: 'date' } })
export class CustomerRegistered {
  @PersonalData() name!: string
  @PersonalData() born!: Date
  country!: string
}

@Event('customer.gift-sent', {
  personal: { 'to.name': { subject: 'to.id', placeholder: 'someone' } },
})
export class GiftSent {
  constructor(
    readonly to: { readonly id: string; readonly name: string },
    readonly cents: number,
  ) {}
}
// #endregion events

@Command('customer.register')
export class Register {
  @AggregateId() readonly customerId!: string
  readonly name!: string
}

@Command('customer.send-gift')
export class SendGift {
  @AggregateId() readonly customerId!: string
  readonly to!: { readonly id: string; readonly name: string }
}

@Aggregate('customer')
export class Customer extends AggregateRoot {
  name = ''
  gifts: string[] = []

  @Handles(Register)
  register({ name }: Register) {
    const born = new Date('1815-12-10')
    this.emit(Object.assign(new CustomerRegistered(), { name, born, country: 'GB' }))
  }

  @Handles(SendGift)
  send({ to }: SendGift) {
    this.emit(new GiftSent(to, 500))
  }

  @Applies(CustomerRegistered)
  registered({ name }: CustomerRegistered) {
    this.name = name
  }

  @Applies(GiftSent)
  sent({ to }: GiftSent) {
    this.gifts.push(to.name)
  }
}

@ReadModel('customers')
export class CustomerCard {
  readonly _id!: string
  name!: string
  country!: string
}

@Projection('customer-cards', { into: CustomerCard })
export class CustomerCards {
  @On(CustomerRegistered)
  registered({ name, country }: CustomerRegistered, _: undefined, context: EventContext) {
    return { _id: context.aggregateId, name, country }
  }
}

export class GetCard extends Query<CustomerCard | null> {
  constructor(readonly customerId: string) {
    super()
  }
}

@QueryHandler(GetCard, { reads: CustomerCard })
export class GetCardHandler {
  execute({ customerId }: GetCard, cards: ReadModelView<CustomerCard>) {
    return cards.findOne({ _id: customerId })
  }
}
