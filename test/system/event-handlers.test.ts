import { randomUUID } from 'node:crypto'
import { InMemoryEventStore, InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { commandBusIdentifier, type CommandBusService } from '@varve/inversify'
import { hostServers, type LocalServers } from '@varve/local'
import { Container, inject } from 'inversify'
import {
  Aggregate,
  AggregateId,
  AggregateRoot,
  type Application,
  type ApplicationOptions,
  Command,
  createApplication,
  Event,
  EventHandler,
  type EventHandlerContext,
  Handles,
  On,
  silentLogger,
} from 'varve'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

@Event('order.placed')
class OrderPlaced {
  constructor(readonly item: string) {}
}
@Event('order.confirmed')
class OrderConfirmed {}

@Command('order.place')
class PlaceOrder {
  @AggregateId() readonly orderId!: string
  readonly item!: string
}
@Command('order.confirm')
class ConfirmOrder {
  @AggregateId() readonly orderId!: string
}

@Aggregate('order')
class Order extends AggregateRoot {
  @Handles(PlaceOrder)
  place({ item }: PlaceOrder) {
    this.emit(new OrderPlaced(item))
  }
  @Handles(ConfirmOrder)
  confirm() {
    this.emit(new OrderConfirmed())
  }
}

const mails: string[] = []

@EventHandler('mails', { delivery: 'idempotent' })
class Mails {
  @On(OrderPlaced)
  async placed({ item }: OrderPlaced, { aggregateId }: EventHandlerContext) {
    mails.push(`${aggregateId}: ${item} is ordered`)
  }
  @On(OrderConfirmed)
  confirmed(_event: OrderConfirmed, { aggregateId }: EventHandlerContext) {
    mails.push(`${aggregateId}: confirmed`)
  }
}

@EventHandler('confirmations', { delivery: 'at-least-once' })
class Confirmations {
  @On(OrderPlaced)
  async placed(_event: OrderPlaced, { aggregateId, execute }: EventHandlerContext) {
    await execute(ConfirmOrder, { orderId: aggregateId })
  }
}

const validator = { validate: async (_target: unknown, payload: unknown) => payload as never }

describe('event handlers of an application on servers', () => {
  let servers: LocalServers
  beforeAll(async () => (servers = await hostServers()))
  afterAll(() => servers.close())

  const open = (database: string, options: Partial<ApplicationOptions> = {}) => {
    const url = new URL(servers.mongoUrl)
    url.pathname = `/${database}`
    return createApplication({
      definitions: [Order, Mails, Confirmations],
      eventStore: servers.eventStoreUrl,
      readModels: url.href,
      validator,
      logger: silentLogger,
      ...options,
    })
  }
  /** Places an order and waits until all is done that follows from it. */
  const place = async (app: Application, orderId: string): Promise<void> => {
    const placed = await app.execute(PlaceOrder, { orderId, item: 'tea' })
    await app.eventHandlers.waitFor('confirmations', placed, { timeoutMs: 30_000 })
    const order = await app.load(Order, orderId)
    expect(order).toBeDefined()
  }
  const mailsOf = (orderId: string) => mails.filter((mail) => mail.startsWith(orderId))
  const both = (orderId: string) => [`${orderId}: tea is ordered`, `${orderId}: confirmed`]

  it('act once on what the application does, and go on where they were after a restart', async () => {
    const ids = [randomUUID(), randomUUID()] as const
    for (const id of ids) {
      await using app = await open('restart')
      await place(app, id)
      await vi.waitFor(() => expect(mailsOf(id)).toEqual(both(id)), { timeout: 30_000 })
    }
    for (const id of ids) expect(mailsOf(id)).toEqual(both(id))
  })

  it('run in one process, and in the other when that one closes', async () => {
    const first = await open('two')
    const state = (app: Application) => app.eventHandlers.status().map((one) => one.state)
    await vi.waitFor(() => expect(state(first)).toEqual(['live', 'live']))
    await using second = await open('two')
    await vi.waitFor(() => expect(state(second)).toEqual(['standby', 'standby']))
    const ids = [randomUUID(), randomUUID()] as const
    await place(second, ids[0])
    await first.close()
    await place(second, ids[1])
    for (const id of ids)
      await vi.waitFor(() => expect(mailsOf(id)).toEqual(both(id)), { timeout: 30_000 })
    expect(second.eventHandlers.status()[0]).toMatchObject({ handled: 2 })
  })
})

describe('an event handler with a container', () => {
  it('injects the command bus of the application it belongs to', async () => {
    @EventHandler('injecting', { delivery: 'at-most-once' })
    class Injecting {
      constructor(@inject(commandBusIdentifier) private readonly commands: CommandBusService) {}
      @On(OrderPlaced)
      async placed(_event: OrderPlaced, { aggregateId }: EventHandlerContext) {
        await this.commands.execute(ConfirmOrder, { orderId: aggregateId })
      }
    }
    await using app = await createApplication({
      definitions: [Order, Injecting, Mails],
      eventStore: 'memory:',
      readModels: 'memory:',
      container: new Container(),
      validator,
    })
    const orderId = randomUUID()
    const placed = await app.execute(PlaceOrder, { orderId, item: 'tea' })
    await app.eventHandlers.waitFor('injecting', placed)
    await vi.waitFor(() => expect(mails).toContain(`${orderId}: confirmed`))
  })
})

describe('event handlers with stores of the user', () => {
  it('are refused where the stores for them are missing, before anything is started', async () => {
    const starting = createApplication({
      definitions: [Order, Mails],
      eventStore: { eventStore: new InMemoryEventStore() },
      readModels: { readModels: new InMemoryReadModelStore(), leases: new InMemoryLeaseStore() },
    })
    await expect(starting).rejects.toMatchObject({
      code: 'CONFIGURATION',
      mistakes: [
        'Event handler "mails" needs a store that readModels does not have: pass handlerProgress beside leases.',
        'Event handler "mails" needs a store that readModels does not have: pass handledEvents beside leases.',
      ],
    })
  })
})
