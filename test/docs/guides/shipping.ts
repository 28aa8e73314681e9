// #region handler
import { inject, injectable } from 'inversify'
import { EventHandler, type EventHandlerContext, On } from 'varve'
import { GoodsShipped, ReceiveGoods } from '../tutorial/stock-item.ts'

@injectable()
export class Mailer {
  async send(text: string, _options: { readonly key: string; readonly signal: AbortSignal }) {
    console.log(`mail: ${text}`)
  }
}

@EventHandler('shipping-notes', { delivery: 'at-least-once' })
export class ShippingNotes {
  constructor(@inject(Mailer) private readonly mailer: Mailer) {}

  @On(GoodsShipped)
  async shipped({ quantity }: GoodsShipped, context: EventHandlerContext) {
    const { aggregateId, idempotencyKey: key, signal } = context
    await this.mailer.send(`${quantity} of ${aggregateId} are on their way`, { key, signal })
  }
}
// #endregion handler

// #region command
@EventHandler('restocking', { delivery: 'at-least-once' })
export class Restocking {
  @On(GoodsShipped)
  async shipped({ quantity }: GoodsShipped, { aggregateId, execute }: EventHandlerContext) {
    await execute(ReceiveGoods, { itemId: aggregateId, quantity })
  }
}
// #endregion command
