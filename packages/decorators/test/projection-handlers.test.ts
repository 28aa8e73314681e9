import { createSingletonResolver, type EventContext, type ProjectionDefinition } from '@varve/core'
import { describe, expect, test } from 'vitest'
import { collectDefinitions, Event, On, Projection, ReadModel, Writes } from '../src/index.ts'

@Event('order.placed')
class OrderPlaced {
  constructor(
    readonly customerId: string,
    readonly total: number,
  ) {}
}

@ReadModel('customers')
class Customer {
  readonly _id!: string
  name!: string
}

@ReadModel('orders')
class Order {
  readonly _id!: string
  customer!: string | undefined
}

@ReadModel('turnovers')
class Turnover {
  readonly _id!: string
  sum!: number
}

@Projection('orders', { into: [Customer, Order, Turnover], onError: 'halt' })
class Orders {
  @On(OrderPlaced, {
    into: Order,
    joins: [{ model: Customer, id: ({ customerId }) => customerId }],
  })
  placed(
    _event: OrderPlaced,
    _order: undefined,
    { aggregateId }: EventContext,
    [customer]: readonly [Customer | undefined],
  ): Order {
    return { _id: aggregateId, customer: customer?.name }
  }

  @Writes(OrderPlaced, { into: Turnover, key: () => 'all' })
  counted({ total }: OrderPlaced) {
    return { $inc: { sum: total } }
  }
}

describe('a projection of a class', () => {
  const collected = collectDefinitions([Orders])
  const definition = collected.definitions[0] as ProjectionDefinition
  const scope = createSingletonResolver().open()
  const event = new OrderPlaced('c1', 12)
  const context = { aggregateId: 'o1' } as EventContext

  test('says what becomes of an event that fails', () => {
    expect(collected.mistakes).toEqual([])
    expect(definition.onError).toBe('halt')
  })

  test('hands the documents it joins to its method', () => {
    const [placed] = definition.handlers
    if (placed?.kind !== 'fold') throw new TypeError('not a fold')
    expect(placed.joins?.map(({ model, id }) => [model.name, id(event, context)])).toEqual([
      ['customers', 'c1'],
    ])
    const apply = placed.bind(scope)
    expect(apply(event, undefined, context, [{ _id: 'c1', name: 'Ada' } as Customer])).toEqual({
      _id: 'o1',
      customer: 'Ada',
    })
  })

  test('writes by update operators where a method says them', () => {
    const counted = definition.handlers[1]
    if (counted?.kind !== 'write') throw new TypeError('not a write')
    expect(counted.model.name).toBe('turnovers')
    expect(counted.key(event, context)).toBe('all')
    expect(counted.bind(scope)(event, context)).toEqual({ $inc: { sum: 12 } })
  })
})
