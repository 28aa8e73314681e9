// #region fold
import { type EventContext, On, Projection, ReadModel, Writes } from 'varve'
import { GoodsReceived, GoodsShipped } from '../tutorial/stock-item.ts'

@ReadModel('shelves')
export class Shelf {
  readonly _id!: string
  inStock!: number
}

@ReadModel('shipments')
export class Shipment {
  readonly _id!: string
  readonly item!: string
  readonly quantity!: number
  readonly left!: number
}

@Projection('shelves', { into: [Shelf, Shipment] })
export class Shelves {
  @On(GoodsReceived, { into: Shelf })
  received({ quantity }: GoodsReceived, shelf: Shelf | undefined, { aggregateId }: EventContext) {
    return { _id: aggregateId, inStock: (shelf?.inStock ?? 0) + quantity }
  }

  @On(GoodsShipped, { into: Shelf })
  shipped({ quantity }: GoodsShipped, shelf: Shelf) {
    shelf.inStock -= quantity
    return shelf.inStock === 0 ? null : shelf
  }

  @On(GoodsShipped, {
    into: Shipment,
    key: (_event, { eventId }) => eventId,
    joins: [{ model: Shelf, id: (_event, { aggregateId }) => aggregateId }],
  })
  listed(
    { quantity }: GoodsShipped,
    _: undefined,
    { eventId, aggregateId: item }: EventContext,
    [shelf]: [Shelf | undefined],
  ): Shipment {
    return { _id: eventId, item, quantity, left: shelf?.inStock ?? 0 }
  }
}
// #endregion fold

// #region write
@ReadModel('turnovers')
export class Turnover {
  readonly _id!: string
  readonly shipped!: number
}

@Projection('turnovers', { into: Turnover })
export class Turnovers {
  @Writes(GoodsShipped, { key: (_event, { aggregateId }) => [aggregateId, 'all'] })
  shipped({ quantity }: GoodsShipped) {
    return { $inc: { shipped: quantity } }
  }
}
// #endregion write
