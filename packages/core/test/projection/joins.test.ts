import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  ConfigurationError,
  defineEvent,
  defineProjection,
  defineReadModel,
  on,
  type ReadModelDocument,
  rekey,
  UnsafeProjectionError,
  write,
} from '../../src/index.ts'
import { closed, deposited, opened } from '../fixtures/accounts.ts'
import { documentsOf } from '../fixtures/balances.ts'
import { World } from '../fixtures/world.ts'

interface Owner extends ReadModelDocument {
  readonly name: string
}
interface Deposit extends ReadModelDocument {
  readonly owner: string | undefined
  readonly amount: number
}

const owners = defineReadModel<Owner>('owners')
const deposits = defineReadModel<Deposit>('deposits')

/** Each deposit as a document of its own, with the name its account had at that moment. */
const named = defineProjection('named', {
  into: [owners, deposits],
  handlers: [
    on(opened, owners, ({ owner }, _document, { aggregateId }) => ({
      _id: aggregateId,
      name: owner,
    })),
    on(
      deposited,
      deposits,
      ({ amount }, _document, { eventId }, [owner]) => ({
        _id: eventId,
        owner: (owner as Owner | undefined)?.name,
        amount,
      }),
      {
        key: (_event, { eventId }) => eventId,
        joins: [{ model: owners, id: (_event, { aggregateId }) => aggregateId }],
      },
    ),
  ],
})

async function run(world: World, name: string): Promise<void> {
  await world.projections.start()
  await world.settle(name)
}

describe('a handler with joins', () => {
  test('reads the other document as it is at its event', async () => {
    await using world = new World([named])
    await world.append('account-a1', deposited.create({ amount: 1 }))
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.append('account-a1', deposited.create({ amount: 2 }))
    await world.append('account-a1', opened.create({ owner: 'Bob' }))
    await world.append('account-a1', deposited.create({ amount: 3 }))
    await run(world, 'named')
    const found = await documentsOf(world, deposits)
    const seen = found.map(({ owner, amount }) => [amount, owner]).sort()
    expect(seen).toEqual([
      [1, undefined],
      [2, 'Ada'],
      [3, 'Bob'],
    ])
  })

  test('is refused where a crash could show it a newer document', async () => {
    const readModels = new InMemoryReadModelStore({ level: 'idempotent' })
    await using world = new World([named], { readModels })
    await expect(world.projections.start()).rejects.toThrow(UnsafeProjectionError)
  })

  test('must join what its projection builds', () => {
    const stranger = defineReadModel('strangers')
    const lost = defineProjection('lost', {
      into: owners,
      handlers: [
        on(opened, owners, () => undefined, { joins: [{ model: stranger, id: () => 'x' }] }),
      ],
    })
    expect(() => new World([lost])).toThrow(ConfigurationError)
  })
})

describe('rekey', () => {
  const moved = defineEvent<{ readonly to: string }>('account.moved')
  const people = defineReadModel<Owner>('people')
  const byName = defineProjection('by-name', {
    into: people,
    handlers: [
      on(opened, people, ({ owner }, _document, { aggregateId }) => ({
        _id: aggregateId,
        name: owner,
      })),
      rekey(moved, people, { to: ({ to }) => to }),
      on(closed, people, () => null),
    ],
  })

  test('moves a document with what it holds, and leaves nothing under the old id', async () => {
    await using world = new World([byName])
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.append('account-a1', moved.create({ to: 'b1' }))
    await run(world, 'by-name')
    expect(await documentsOf(world, people)).toEqual([{ _id: 'b1', name: 'Ada' }])
  })

  test('to the same id, or of what is not there, does nothing', async () => {
    await using world = new World([byName])
    await world.append('account-a1', opened.create({ owner: 'Ada' }), moved.create({ to: 'a1' }))
    await world.append('account-a2', moved.create({ to: 'b2' }))
    await run(world, 'by-name')
    expect(await documentsOf(world, people)).toEqual([{ _id: 'a1', name: 'Ada' }])
  })
})

describe('update operators', () => {
  interface Total extends ReadModelDocument {
    readonly sum: number
    readonly last: number[]
  }
  const totals = defineReadModel<Total>('totals')
  const counting = defineProjection('counting', {
    into: totals,
    handlers: [
      write(
        deposited,
        totals,
        ({ amount }) => ({
          $inc: { sum: amount },
          $push: { last: { $each: [amount], $slice: -2 } },
        }),
        { key: () => 'all' },
      ),
    ],
  })

  test.each(['exactly-once', 'idempotent'] as const)(
    'write a document without reading it, event by event (%s)',
    async (level) => {
      await using world = new World([counting], {
        readModels: new InMemoryReadModelStore({ level }),
      })
      for (const amount of [1, 2, 3]) await world.append('account-a1', deposited.create({ amount }))
      await run(world, 'counting')
      expect(await documentsOf(world, totals)).toEqual([{ _id: 'all', sum: 6, last: [2, 3] }])
    },
  )

  test('and folds do not mix on one read model, nor with a history', () => {
    const mixed = defineProjection('mixed', {
      into: totals,
      handlers: [...counting.handlers, on(closed, totals, () => null)],
    })
    expect(() => new World([mixed])).toThrow('is both folded and written by update operators')
    const kept = defineReadModel('kept', { history: true })
    const remembering = defineProjection('remembering', {
      into: kept,
      handlers: [write(deposited, kept, () => ({ $inc: { sum: 1 } }))],
    })
    expect(() => new World([remembering])).toThrow('keeps a history')
  })

  test('twice of one event on one document are a failure of the event, not a silent loss', async () => {
    const twice = defineProjection('twice', {
      into: totals,
      handlers: [
        ...counting.handlers,
        write(deposited, totals, () => ({ $inc: { count: 1 } }), { key: () => 'all' }),
      ],
    })
    await using world = new World([twice], { tuning: { retryDelaysMs: [] } })
    await world.append('account-a1', deposited.create({ amount: 1 }))
    await run(world, 'twice')
    expect(await documentsOf(world, totals)).toEqual([])
    expect(await world.projections.deadLetters('twice').count()).toBe(1)
  })

  test('twice of one event on one read model are refused without transactions', async () => {
    const twice = defineProjection('twice', {
      into: totals,
      handlers: [...counting.handlers, write(deposited, totals, () => ({ $inc: { count: 1 } }))],
    })
    await using world = new World([twice], {
      readModels: new InMemoryReadModelStore({ level: 'idempotent' }),
    })
    await expect(world.projections.start()).rejects.toThrow(
      'two of its handlers write "totals" on "account.deposited"',
    )
  })
})
