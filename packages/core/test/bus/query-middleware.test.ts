import { InMemoryEventStore, InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { expect, test } from 'vitest'
import {
  buildModel,
  CircuitBreaker,
  circuitAroundQueries,
  createSingletonResolver,
  defineQueryHandler,
  JsonEventCodec,
  Projections,
  Query,
  QueryBus,
  type QueryMiddleware,
  randomIds,
  silentLogger,
  systemClock,
} from '../../src/index.ts'
import { failureOf } from '../fixtures/collect.ts'

class Ask extends Query<string> {}
class AskRates extends Query<number> {}

let rateCalls = 0
const model = buildModel([
  defineQueryHandler(Ask, { reads: [], execute: () => 'answer' }),
  defineQueryHandler(AskRates, {
    reads: [],
    execute: () => {
      rateCalls += 1
      throw new TypeError('the bank does not answer')
    },
  }),
])

function busWith(...middleware: readonly QueryMiddleware[]): QueryBus {
  const ports = {
    eventStore: new InMemoryEventStore(),
    readModels: new InMemoryReadModelStore(),
    leases: new InMemoryLeaseStore(),
    codec: new JsonEventCodec(model.events),
    resolver: createSingletonResolver(),
    clock: systemClock,
    ids: randomIds,
    logger: silentLogger,
  }
  return new QueryBus({ model, projections: new Projections(model, ports), ports, middleware })
}

test('middleware runs around a query, the first one outermost, and may answer itself', async () => {
  const steps: string[] = []
  const noting =
    (name: string): QueryMiddleware =>
    async (envelope, next) => {
      steps.push(`${name} before ${envelope.query.constructor.name}`)
      const answer = await next(envelope)
      steps.push(`${name} after ${String(answer)}`)
      return answer
    }
  expect(await busWith(noting('outer'), noting('inner')).query(new Ask())).toBe('answer')
  expect(steps).toEqual([
    'outer before Ask',
    'inner before Ask',
    'inner after answer',
    'outer after answer',
  ])
  expect(await busWith(async () => 'from the cache').query(new Ask())).toBe('from the cache')
})

test('a circuit around a query stops what keeps failing, and leaves other queries alone', async () => {
  const bank = new CircuitBreaker({ name: 'bank', failures: 2 })
  const bus = busWith(circuitAroundQueries(bank, [AskRates]))
  const failures: unknown[] = []
  for (let count = 0; count < 3; count += 1)
    failures.push(await failureOf(() => bus.query(new AskRates())))
  expect(rateCalls).toBe(2)
  expect(failures[2]).toMatchObject({ code: 'CIRCUIT_OPEN', circuit: 'bank' })
  expect(await bus.query(new Ask())).toBe('answer')
})
