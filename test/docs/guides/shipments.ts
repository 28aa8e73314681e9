// #region projection
import {
  type EventContext,
  On,
  Projection,
  Query,
  QueryHandler,
  ReadModel,
  type ReadModelView,
} from 'varve'
import { GoodsShipped } from '../tutorial/stock-item.ts'

@ReadModel('shipments')
export class ShipmentCount {
  readonly _id!: string
  count!: number
}

@Projection('shipments', { into: ShipmentCount, version: 1 })
export class Shipments {
  @On(GoodsShipped)
  shipped(_: GoodsShipped, shipments: ShipmentCount | undefined, context: EventContext) {
    return { _id: context.aggregateId, count: (shipments?.count ?? 0) + 1 }
  }
}

export class CountShipments extends Query<number> {
  constructor(readonly itemId: string) {
    super()
  }
}

@QueryHandler(CountShipments, { reads: ShipmentCount })
export class CountShipmentsHandler {
  async execute({ itemId }: CountShipments, shipments: ReadModelView<ShipmentCount>) {
    return (await shipments.findOne({ _id: itemId }))?.count ?? 0
  }
}
// #endregion projection
