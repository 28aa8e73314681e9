import { InMemoryReadModelStore, type InMemoryReadModelView } from '@varve/memory'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineProjection, defineReadModel, on, type ReadModelDocument } from '../../src/index.ts'
import { closed, defineAccount, deposited, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { documentsOf } from '../fixtures/balances.ts'
import { World } from '../fixtures/world.ts'

interface Statement extends ReadModelDocument {
  lines: number[]
}
const statements = defineReadModel<Statement>('statements', { history: true })
const projection = defineProjection('statements', {
  into: statements,
  handlers: [
    on(opened, statements, (_event, _document, { aggregateId }) => ({
      _id: aggregateId,
      lines: [],
    })),
    on(deposited, statements, ({ amount }, document) => void document?.lines.push(amount)),
    on(closed, statements, () => null),
  ],
})
const definitions = [defineAccount(), projection]

type Act = readonly [account: number, act: 'open' | 'close' | number]
const act: fc.Arbitrary<Act> = fc.tuple(
  fc.integer({ min: 0, max: 2 }),
  fc.oneof(fc.constantFrom('open' as const, 'close' as const), fc.integer({ min: 1, max: 9 })),
)

/** What a list of acts comes to, without any framework. */
function fold(acts: readonly Act[]): Statement[] {
  const documents = new Map<string, Statement>()
  for (const [account, what] of acts) {
    const _id = `a${account}`
    if (what === 'open') documents.set(_id, { _id, lines: [] })
    else if (what === 'close') documents.delete(_id)
    else documents.get(_id)?.lines.push(what)
  }
  return [...documents.values()].sort((a, b) => a._id.localeCompare(b._id))
}

function eventOf(what: Act[1]): object {
  if (what === 'open') return opened.create({ owner: 'Ada' })
  return what === 'close' ? closed.create({}) : deposited.create({ amount: what })
}

test('any events, cut into any batches and interrupted anywhere, come to what they are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('exactly-once' as const, 'idempotent' as const),
      fc.array(fc.constantFrom('fine', 'refused', 'lost answer'), { maxLength: 6 }),
      async (acts, batchSize, level, outcomes) => {
        const pending = [...outcomes]
        const readModels = around(new InMemoryReadModelStore({ level }), {
          commit: async (commit, what) => {
            const outcome = pending.shift()
            if (outcome === 'refused') throw new TypeError('connection lost before')
            const done = await commit(what)
            if (outcome === 'lost answer') throw new TypeError('connection lost after')
            return done
          },
        })
        await using world = new World(definitions, { readModels, tuning: { batchSize } })
        for (const [account, what] of acts) await world.append(`account-a${account}`, eventOf(what))
        // Each start lives until its commit fails; the next one goes on from what is stored.
        for (const _outcome of outcomes) {
          await world.projections.start()
          await Promise.race([world.settle('statements'), interrupted(world)])
          await world.projections.stop()
        }
        await world.projections.start()
        await world.settle('statements')
        expect(await documentsOf(world, statements)).toEqual(fold(acts))
        const route = world.model.readModels.get('statements')!
        const generation = await world.projections.activeGeneration(route)
        for (let end = 0; end < acts.length; end += 1) {
          const at = { position: BigInt(end) }
          const view = world.readModels.view(
            generation,
            statements,
            at,
          ) as InMemoryReadModelView<Statement>
          const then = await view.find().toArray()
          expect(then.sort((a, b) => a._id.localeCompare(b._id))).toEqual(
            fold(acts.slice(0, end + 1)),
          )
        }
      },
    ),
    { numRuns: 60 },
  )
}, 30_000)

async function interrupted(world: World): Promise<void> {
  const { retries } = world.projections.status()[0]!
  while (world.projections.status()[0]?.retries === retries)
    await new Promise((resolve) => setImmediate(resolve))
}

test('more documents than are kept in memory are all right', async () => {
  await using world = new World(definitions, { tuning: { batchSize: 5_000 } })
  for (let count = 0; count < 41_000; count += 1)
    await world.append(`account-${count}`, opened.create({ owner: 'Ada' }))
  for (const count of [0, 20_000, 40_999])
    await world.append(`account-${count}`, deposited.create({ amount: count }))
  await world.projections.start()
  await world.settle('statements')
  const documents = await documentsOf(world, statements)
  expect(documents).toHaveLength(41_000)
  expect(documents.filter(({ lines }) => lines.length > 0)).toEqual([
    { _id: '0', lines: [0] },
    { _id: '20000', lines: [20_000] },
    { _id: '40999', lines: [40_999] },
  ])
})
