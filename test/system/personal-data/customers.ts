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
  @PersonalData({ placeholder: 0 }) income!: number
  country!: string
}

@Event('customer.order-placed', { personal: { 'gift.to': { subject: 'recipientId' } } })
export class OrderPlaced {
  constructor(
    readonly recipientId: string,
    readonly gift: { readonly to: string; readonly cents: number },
  ) {}
}

@Command('customer.register')
export class Register {
  @AggregateId() readonly customerId!: string
  readonly name!: string
}

@Command('customer.place-order')
export class PlaceOrder {
  @AggregateId() readonly customerId!: string
  readonly recipientId!: string
  readonly to!: string
}

@Aggregate('customer', { snapshot: { every: 2, version: 1 } })
export class Customer extends AggregateRoot {
  name = ''
  born: Date | null = null
  gifts: string[] = []
  orders = 0

  @Handles(Register)
  register({ name }: Register) {
    const born = new Date('1990-01-02T00:00:00.000Z')
    this.emit(Object.assign(new CustomerRegistered(), { name, born, income: 5, country: 'DE' }))
  }

  @Handles(PlaceOrder)
  place({ recipientId, to }: PlaceOrder) {
    this.emit(new OrderPlaced(recipientId, { to, cents: 100 }))
  }

  @Applies(CustomerRegistered)
  registered({ name, born }: CustomerRegistered) {
    this.name = name
    this.born = born
  }

  @Applies(OrderPlaced)
  ordered({ gift }: OrderPlaced) {
    this.orders += 1
    this.gifts.push(gift.to)
  }
}

@ReadModel('customers')
export class CustomerCard {
  readonly _id!: string
  name!: string
  country!: string
  income!: number
  orders!: number
}

@Projection('customer-cards', { into: CustomerCard })
export class CustomerCards {
  @On(CustomerRegistered)
  registered(event: CustomerRegistered, _: undefined, context: EventContext): CustomerCard {
    const { name, country, income } = event
    return { _id: context.aggregateId, name, country, income, orders: 0 }
  }

  @On(OrderPlaced)
  ordered({ gift }: OrderPlaced, card: CustomerCard) {
    if (gift.to === 'nobody') throw new RangeError('no such person')
    card.orders += 1
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

export const definitions = [Customer, CustomerCards, GetCardHandler]
