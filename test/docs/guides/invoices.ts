import { inject, injectable } from 'inversify'
import { type Application, EventHandler, type EventHandlerContext, On } from 'varve'
import { GoodsShipped } from '../tutorial/stock-item.ts'

@injectable()
export class InvoiceService {
  isMended = false
  async send(item: string, quantity: number, _options: { readonly key: string }) {
    if (item === 'tea' && !this.isMended) throw new RangeError(`no price of ${item}`)
    console.log(`invoice: ${quantity} of ${item}`)
  }
}

// #region handler
@EventHandler('invoices', { delivery: 'at-least-once', onError: 'dead-letter' })
export class Invoices {
  constructor(@inject(InvoiceService) private readonly service: InvoiceService) {}

  @On(GoodsShipped)
  async shipped({ quantity }: GoodsShipped, context: EventHandlerContext) {
    const { aggregateId, idempotencyKey: key } = context
    await this.service.send(aggregateId, quantity, { key })
  }
}
// #endregion handler

// #region letters
/** Tells what an event handler could not handle, and why. */
export async function describeLetters(app: Application, name: string) {
  const lines: string[] = []
  for await (const letters of app.eventHandlers.deadLetters(name).list())
    for (const { queue, event, state, cause } of letters)
      lines.push(`${queue.key}: ${event.type} is ${state}, ${cause?.message ?? 'behind another'}`)
  return lines
}

/** After the cause is mended: the events of the stream are handled, the oldest first. */
export async function handleAgain(app: Application, name: string, stream: string) {
  await app.eventHandlers.deadLetters(name).retry({ key: stream })
}
// #endregion letters
