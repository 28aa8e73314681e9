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

// #region projection
@ReadModel('stock_levels', { indexes: [{ keys: { inStock: 1 } }], history: true })
export class StockLevel {
  readonly _id!: string
  inStock!: number
  shipments!: number
}

@Projection('stock-levels', { into: StockLevel, version: 2 })
export class StockLevels {
  @On(GoodsReceived)
  received({ quantity }: GoodsReceived, level: StockLevel | undefined, context: EventContext) {
    const { inStock = 0, shipments = 0 } = level ?? {}
    return { _id: context.aggregateId, inStock: inStock + quantity, shipments }
  }

  @On(GoodsShipped)
  shipped({ quantity }: GoodsShipped, level: StockLevel) {
    level.inStock -= quantity
    level.shipments += 1
  }
}
// #endregion projection

export class GetLevel extends Query<StockLevel | null> {
  constructor(readonly itemId: string) {
    super()
  }
}

@QueryHandler(GetLevel, { reads: StockLevel })
export class GetLevelHandler {
  execute({ itemId }: GetLevel, levels: ReadModelView<StockLevel>) {
    return levels.findOne({ _id: itemId })
  }
}
