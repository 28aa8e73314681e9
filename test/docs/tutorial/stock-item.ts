// #region messages
import { IsInt, IsPositive, IsString } from 'class-validator'
import { Aggregate, AggregateId, AggregateRoot, Applies, Command, Event, Handles } from 'varve'

@Command('stock.receive')
export class ReceiveGoods {
  @AggregateId() @IsString() readonly itemId!: string
  @IsInt() @IsPositive() readonly quantity!: number
}

@Event('stock.received')
export class GoodsReceived {
  constructor(readonly quantity: number) {}
}

@Command('stock.ship')
export class ShipGoods {
  @AggregateId() @IsString() readonly itemId!: string
  @IsInt() @IsPositive() readonly quantity!: number
}

@Event('stock.shipped')
export class GoodsShipped {
  constructor(readonly quantity: number) {}
}
// #endregion messages

// #region aggregate
export class OutOfStock extends Error {}

@Aggregate('stock')
export class StockItem extends AggregateRoot {
  inStock = 0

  @Handles(ReceiveGoods)
  receive({ quantity }: ReceiveGoods) {
    this.emit(new GoodsReceived(quantity))
  }

  @Handles(ShipGoods)
  ship({ quantity }: ShipGoods) {
    if (quantity > this.inStock)
      throw new OutOfStock(`${quantity} are wanted, ${this.inStock} are in stock.`)
    this.emit(new GoodsShipped(quantity))
  }

  @Applies(GoodsReceived)
  received({ quantity }: GoodsReceived) {
    this.inStock += quantity
  }

  @Applies(GoodsShipped)
  shipped({ quantity }: GoodsShipped) {
    this.inStock -= quantity
  }
}
// #endregion aggregate
