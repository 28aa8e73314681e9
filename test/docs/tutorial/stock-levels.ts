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
import { GoodsReceived, GoodsShipped } from './stock-item.ts'

@ReadModel('stock_levels', { indexes: [{ keys: { inStock: 1 } }], history: true })
export class StockLevel {
  readonly _id!: string
  inStock!: number
}

@Projection('stock-levels', { into: StockLevel, version: 1 })
export class StockLevels {
  @On(GoodsReceived)
  received({ quantity }: GoodsReceived, level: StockLevel | undefined, context: EventContext) {
    return { _id: context.aggregateId, inStock: (level?.inStock ?? 0) + quantity }
  }

  @On(GoodsShipped)
  shipped({ quantity }: GoodsShipped, level: StockLevel) {
    level.inStock -= quantity
  }
}
// #endregion projection

// #region query
export class ListLowStock extends Query<StockLevel[]> {
  constructor(readonly below: number) {
    super()
  }
}

@QueryHandler(ListLowStock, { reads: StockLevel })
export class ListLowStockHandler {
  execute({ below }: ListLowStock, levels: ReadModelView<StockLevel>) {
    return levels
      .find({ inStock: { $lt: below } })
      .sort({ inStock: 1 })
      .toArray()
  }
}
// #endregion query
