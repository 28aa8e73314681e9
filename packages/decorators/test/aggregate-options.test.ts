import { type AggregateDefinition, AggregateRoot, type Conflict } from '@varve/core'
import { expect, test } from 'vitest'
import { Aggregate, AggregateId, collectDefinitions, Command, Handles } from '../src/index.ts'

@Command('order.place')
class Place {
  @AggregateId() readonly orderId!: string
}

@Command('order.cancel')
class Cancel {
  @AggregateId() readonly orderId!: string
}

@Command('order.pay')
class Pay {
  @AggregateId() readonly orderId!: string
}

class Money {
  readonly cents = 0
}

const isLarge = (order: Order): boolean => order.lines > 10
const keep = ({ decided }: Conflict<Order, Pay>): readonly object[] => decided

@Aggregate('order', {
  cache: { most: 10 },
  snapshot: { when: isLarge, afterLoadMs: 50, version: 3, keep: 2, classes: { money: Money } },
})
class Order extends AggregateRoot {
  lines = 0

  @Handles(Place)
  place() {
    this.lines += 1
  }

  @Handles(Cancel, { onConflict: 'fail' })
  cancel() {
    this.lines = 0
  }

  @Handles(Pay, { onConflict: keep })
  pay() {
    this.lines = 0
  }
}

@Aggregate('note', { cache: false })
class Note extends AggregateRoot {}

const { definitions, mistakes } = collectDefinitions([Order, Note])
const [order, note] = definitions as AggregateDefinition[]

test('what an aggregate says of its cache and its snapshots is in its definition', () => {
  expect(mistakes).toEqual([])
  expect(order).toMatchObject({
    cache: { most: 10 },
    snapshot: { afterLoadMs: 50, version: 3, keep: 2, when: isLarge },
    isChangedByDeciding: true,
  })
  expect(note?.cache).toBe(false)
})

test('what a command does on a conflict is in its handling', () => {
  const conflict = { command: {}, decided: [{ is: 'decided' }], unseen: [], state: undefined }
  const answers = order?.commands.map(({ command, onConflict }) => [
    command.type,
    onConflict?.(conflict),
  ])
  expect(answers).toEqual([
    ['order.place', undefined],
    ['order.cancel', 'fail'],
    ['order.pay', [{ is: 'decided' }]],
  ])
})
