import { expect, test } from 'vitest'
import {
  AggregateRoot,
  decideOn,
  defineAggregate,
  defineAggregateClass,
  defineCommand,
  defineEvent,
  evolveWith,
} from '../../src/index.ts'
import { eventsOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

interface Line {
  name: string
  count: number
}
const filled = defineEvent<{ lines: Line[] }>('cart.filled', { class: class Filled {} as never })
const added = defineEvent<{ name: string }>('cart.added', { class: class Added {} as never })
const fill = defineCommand<{ id: string; lines: Line[]; more: string[] }>('cart.fill', {
  aggregateId: ({ id }) => id,
})

class Cart extends AggregateRoot {
  lines: Line[] = []
  fill({ lines, more }: { lines: Line[]; more: string[] }): void {
    if (lines.length > 0) this.emit(filled.create({ lines }))
    for (const name of more) this.emit(added.create({ name }))
  }
  filled({ lines }: { lines: Line[] }): void {
    this.lines = lines
  }
  added({ name }: { name: string }): void {
    const known = this.lines.find((line) => line.name === name)
    if (known) known.count += 1
    else this.lines.push({ name, count: 1 })
  }
}
const classy = defineAggregateClass(Cart, {
  category: 'cart',
  handles: [[fill, 'fill']],
  applies: [
    [filled, 'filled'],
    [added, 'added'],
  ],
  snapshot: { every: 2 },
})
const plain = defineAggregate<{ lines: Line[] }>('cart', {
  initial: () => ({ lines: [] }),
  decide: [
    decideOn(fill, (_, { lines, more }) => [
      ...(lines.length > 0 ? [filled.create({ lines })] : []),
      ...more.map((name) => added.create({ name })),
    ]),
  ],
  evolve: [
    evolveWith(filled, (state, { lines }) => {
      state.lines = lines
      return state
    }),
    evolveWith(added, (state, { name }) => {
      const known = state.lines.find((line) => line.name === name)
      if (known) known.count += 1
      else state.lines.push({ name, count: 1 })
      return state
    }),
  ],
  snapshot: { every: 2 },
})

const tea = (): Line[] => [{ name: 'tea', count: 1 }]

test.each([
  ['a class', classy],
  ['functions', plain],
])('a fold of %s that adds to a list of an event changes no event', async (_name, cart) => {
  await using world = new World([cart])
  const payload = { id: 'c1', lines: tea(), more: ['tea', 'milk'] }
  const { events, stream } = await world.commands.execute(fill, payload)
  expect(events).toMatchObject([{ lines: tea() }, { name: 'tea' }, { name: 'milk' }])
  expect(payload.lines).toEqual(tea())
  expect((await eventsOf(world.eventStore, stream)).map(({ data }) => data)).toEqual([
    { lines: tea() },
    { name: 'tea' },
    { name: 'milk' },
  ])
  const { snapshot: _, ...replayed } = cart
  await using other = world.another([replayed])
  expect((await other.commands.repositoryOf('cart').load('c1')).state).toMatchObject({
    lines: [
      { name: 'tea', count: 2 },
      { name: 'milk', count: 1 },
    ],
  })
})

test.each([
  ['a class', classy],
  ['functions', plain],
])('whoever changes a payload or a result later does not change %s', async (_name, cart) => {
  await using world = new World([cart])
  const payload = { id: 'c1', lines: tea(), more: ['milk'] }
  const { events, stream } = await world.commands.execute(fill, payload)
  for (const lines of [payload.lines, (events[0] as { lines: Line[] }).lines])
    lines.push({ name: 'forged', count: 1 })
  await world.commands.drain()
  const { state } = (await world.snapshotStore.load(stream)) ?? {}
  const names = (state as unknown as { lines: Line[] }).lines.map(({ name }) => name)
  expect(names).toEqual(['tea', 'milk'])
})
