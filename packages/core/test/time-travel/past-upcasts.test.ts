import { expect, test } from 'vitest'
import {
  AggregateHistory,
  type AggregateRepository,
  audit,
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  evolveWith,
  LogDates,
  type SchemaOfThePast,
  streamName,
  upcast,
} from '../../src/index.ts'
import { World } from '../fixtures/world.ts'

const priced = defineEvent<{ readonly cents: number }>('item.priced', {
  version: 2,
  upcast: [upcast.from(1, ({ euros }: { euros: number }) => ({ cents: euros * 100 }))],
})
const price = defineCommand<{ id: string; cents: number }>('item.price', {
  aggregateId: ({ id }) => id,
})
const item = defineAggregate<{ readonly cents: number }>('item', {
  initial: () => ({ cents: 0 }),
  decide: [decideOn(price, (_state, { cents }) => priced.create({ cents }))],
  evolve: [evolveWith(priced, (_state, { cents }) => ({ cents }))],
})

/** One event as it was written before a change of its schema, and one after. */
async function pricedTwice(): Promise<World> {
  const world = new World([item])
  await world.eventStore.append(
    streamName('item', 'i1'),
    [{ id: crypto.randomUUID(), type: 'item.priced', data: { euros: 3 }, metadata: {} }],
    { expected: 'no-stream' },
  )
  await world.commands.execute(price, { id: 'i1', cents: 450 })
  return world
}

const seen: readonly [SchemaOfThePast, unknown][] = [
  [
    'current',
    [
      [2, { cents: 300 }],
      [2, { cents: 450 }],
    ],
  ],
  [
    'original',
    [
      [1, { euros: 3 }],
      [2, { cents: 450 }],
    ],
  ],
]

test.each(seen)(
  'a history shows events in their %s schema, states always as of today',
  async (schema, expected) => {
    await using world = await pricedTwice()
    const { commands, eventStore, codec } = world
    const repository = commands.repositoryOf('item') as AggregateRepository<{ cents: number }>
    const events: unknown[] = []
    const states: number[] = []
    const history = new AggregateHistory(repository, { eventStore, codec })
    for await (const { event, schemaVersion, after } of history.read('i1', { schema })) {
      events.push([schemaVersion, event.data])
      states.push(after.cents)
    }
    expect(events).toEqual(expected)
    expect(states).toEqual([300, 450])
  },
)

test.each(seen)('an audit shows events in their %s schema', async (schema, expected) => {
  await using world = await pricedTwice()
  const { eventStore, codec } = world
  const ports = { eventStore, codec, dates: new LogDates(eventStore) }
  const entries: unknown[] = []
  for await (const { schemaVersion, data } of audit(ports, { schema }))
    entries.push([schemaVersion, data])
  expect(entries).toEqual(expected)
})
