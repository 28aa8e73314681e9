import { definitionsOf } from '@varve/core'
import { describe, expect, it } from 'vitest'
import { Event, ReadModel } from '../../src/index.ts'

@Event('order.placed')
class OrderPlaced {}

@ReadModel('orders')
class Order {
  readonly _id!: string
}

describe('a decorated class', () => {
  it('brings what makes definitions of it, for those who know no decorators', () => {
    const [event, model] = definitionsOf([OrderPlaced, Order])
    expect(event).toMatchObject({ kind: 'event', type: 'order.placed', class: OrderPlaced })
    expect(model).toMatchObject({ kind: 'read-model', name: 'orders', class: Order })
  })

  it('is refused by all its mistakes', () => {
    @Event('')
    class Nameless {}
    expect(() => definitionsOf([OrderPlaced, Nameless])).toThrow('Nameless has an empty name')
  })

  it('shows nothing of it', () => {
    expect(Object.keys(OrderPlaced)).toEqual([])
  })
})

it('a class without a decorator stands for no definition', () => {
  class Plain {}
  expect(() => definitionsOf([OrderPlaced, Plain])).toThrow('Plain has no decorator of Varve')
})
