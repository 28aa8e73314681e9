import { expect, test } from 'vitest'
import { NewerEventVersionError, Query, defineQueryHandler, UpcastError } from '../../src/index.ts'
import { World } from '../fixtures/world.ts'
import {
  account,
  book,
  booked,
  byAccount,
  credit,
  oldAccount,
  oldBooked,
  statements,
} from './statements.ts'

test('an aggregate folds every event an old one stands for, and goes on after its revision', async () => {
  await using old = new World([oldAccount])
  await old.commands.execute(book, { id: 'a1', sum: 10, fee: 1 })
  await old.commands.execute(book, { id: 'a1', sum: 5, fee: 2 })
  await using world = old.another([account, booked])
  const repository = world.commands.repositoryOf('account')
  expect(await repository.load('a1')).toMatchObject({ state: { cents: 1200 }, revision: 1n })
  const done = await world.commands.execute(credit, { id: 'a1', cents: 1 })
  expect(done.revision).toBe(2n)
  expect(await repository.load('a1')).toMatchObject({ state: { cents: 1201 }, revision: 2n })
})

test('an aggregate is loaded as it was at the revision of a split event, all of it included', async () => {
  await using old = new World([oldAccount])
  await old.commands.execute(book, { id: 'a1', sum: 10, fee: 1 })
  await old.commands.execute(book, { id: 'a1', sum: 5, fee: 2 })
  await using world = old.another([account, booked])
  expect(await world.seen('a1', { revision: 0n })).toMatchObject({ state: { cents: 900 } })
})

test('a command sent again gets what its events stand for now', async () => {
  await using old = new World([oldAccount])
  await old.commands.execute(book, { id: 'a1', sum: 10, fee: 1 }, { id: 'first' })
  await using world = old.another([account, booked])
  const again = await world.commands.execute(book, { id: 'a1', sum: 10, fee: 1 }, { id: 'first' })
  expect(again).toMatchObject({ isRepeated: true, revision: 0n })
  expect(again.events).toEqual([{ cents: 1000 }, { cents: 100 }])
})

class GetStatement extends Query<number | undefined> {}

test('a query waits for a command that was carried out by old code', async () => {
  await using old = new World([oldAccount])
  await old.commands.execute(book, { id: 'a1', sum: 10, fee: 1 }, { id: 'first' })
  const handler = defineQueryHandler(GetStatement, {
    reads: [statements],
    execute: async (_query, view: { findOne(): Promise<{ cents: number } | null> }) =>
      (await view.findOne())?.cents,
  })
  await using world = old.another([account, byAccount, booked, handler])
  await world.projections.start()
  const again = await world.commands.execute(book, { id: 'a1', sum: 10, fee: 1 }, { id: 'first' })
  expect(await world.queries.query(new GetStatement(), { after: again })).toBe(900)
})

test('a stream with an event that cannot be brought up is refused, and so is one in a newer version', async () => {
  await using old = new World([oldBooked])
  await old.append('account-a1', oldBooked.create({ sum: -1, fee: 1 }))
  await using world = old.another([account, booked])
  const repository = world.commands.repositoryOf('account')
  await expect(repository.load('a1')).rejects.toThrow(UpcastError)
  await expect(repository.load('a1')).rejects.toThrow('a negative sum')
  await world.eventStore.append(
    'account-a2' as never,
    [{ id: crypto.randomUUID(), type: 'credited', data: {}, metadata: { schemaVersion: 2 } }],
    { expected: 'any' },
  )
  await expect(repository.load('a2')).rejects.toThrow(NewerEventVersionError)
})
