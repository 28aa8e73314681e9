// #region event-handler
import { CircuitBreaker, createApplication, defineEvent, defineEventHandler, reactTo } from 'varve'

const shipped = defineEvent<{ item: string }>('order.shipped')

const mail = new CircuitBreaker({
  name: 'mail',
  failures: 2,
  openMs: 10,
  onStateChange: ({ from, to }) => console.log(`mail: ${from} -> ${to}`),
})

let outages = 3
async function send(text: string) {
  outages -= 1
  if (outages >= 0) throw new Error('The mail server does not answer.')
  console.log(text)
}

const shippingNotes = defineEventHandler('shipping-notes', {
  delivery: 'at-least-once',
  circuit: mail,
  handlers: [reactTo(shipped, ({ item }) => send(`${item} is on its way`))],
})
// #endregion event-handler

// #region run
import { decideOn, defineAggregate, defineCommand } from 'varve'

const ship = defineCommand<{ id: string; item: string }>('order.ship', {
  aggregateId: ({ id }) => id,
})
const order = defineAggregate('order', {
  initial: () => ({}),
  decide: [decideOn(ship, (_state, { item }) => shipped.create({ item }))],
  evolve: [],
})

await using app = await createApplication({
  definitions: [order, shippingNotes],
  eventStore: 'memory:',
  readModels: 'memory:',
  eventHandlers: { retryDelaysMs: [1, 1] },
})
const done = await app.execute(ship, { id: 'o1', item: 'tea' })
await app.eventHandlers.waitFor('shipping-notes', done)
// #endregion run
