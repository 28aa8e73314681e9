import { InMemoryEventStore } from '@varve/memory'
import { expect, test } from 'vitest'
import {
  buildModel,
  CircuitBreaker,
  circuitAroundCommands,
  CommandBus,
  createSingletonResolver,
  decideOn,
  defineAggregate,
  defineCommand,
  JsonEventCodec,
  randomIds,
  silentLogger,
  systemClock,
  uncheckedMessages,
} from '../../src/index.ts'
import { failureOf } from '../fixtures/collect.ts'

const aggregateId = ({ id }: { id: string }) => id
const charge = defineCommand<{ id: string }>('order.charge', { aggregateId })
const ship = defineCommand<{ id: string }>('order.ship', { aggregateId })

test('a circuit around a command stops what keeps failing, and leaves other commands alone', async () => {
  let charges = 0
  const order = defineAggregate('order', {
    initial: () => 0,
    decide: [
      decideOn(charge, () => {
        charges += 1
        throw new TypeError('the bank does not answer')
      }),
      decideOn(ship, () => []),
    ],
    evolve: [],
  })
  const bank = new CircuitBreaker({ name: 'bank', failures: 2 })
  const model = buildModel([order])
  const bus = new CommandBus({
    model,
    eventStore: new InMemoryEventStore(),
    codec: new JsonEventCodec(model.events),
    validator: uncheckedMessages,
    resolver: createSingletonResolver(),
    clock: systemClock,
    ids: randomIds,
    logger: silentLogger,
    middleware: [circuitAroundCommands(bank, [charge])],
  })
  const failures: unknown[] = []
  for (let count = 0; count < 3; count += 1)
    failures.push(await failureOf(() => bus.execute(charge, { id: 'o1' })))
  expect(charges).toBe(2)
  expect(failures[2]).toMatchObject({ code: 'CIRCUIT_OPEN', circuit: 'bank' })
  expect(await bus.execute(ship, { id: 'o1' })).toMatchObject({ events: [] })
})
