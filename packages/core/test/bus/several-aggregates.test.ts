import { describe, expect, test } from 'vitest'
import {
  AggregateRoot,
  decideOn,
  defineAggregate,
  defineAggregateClass,
  EmitOutsideDecisionError,
  evolveWith,
  SeveralAggregatesError,
} from '../../src/index.ts'
import { deposit, type Deposited, deposited, note } from '../fixtures/accounts.ts'
import { eventsOf, failureOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

/** Notes by depositing on another account, in the way given. */
function transferring(way: (world: World) => unknown): World {
  const account = defineAggregate<number>('account', {
    initial: () => 0,
    decide: [
      decideOn(deposit, (_, { amounts }) => amounts.map((amount) => deposited.create({ amount }))),
      decideOn(note, () =>
        Promise.resolve(way(world)).then(() => deposited.create({ amount: -1 })),
      ),
    ],
    evolve: [evolveWith(deposited, (balance, { amount }) => balance + amount)],
  })
  const world: World = new World([account])
  return world
}

const give = (world: World, id: string) => world.commands.execute(deposit, { id, amounts: [1] })

describe('a command sent by the handler of another one', () => {
  test.each([
    ['at once', (world: World) => give(world, 'a2')],
    ['later', (world: World) => Promise.resolve().then(() => give(world, 'a2'))],
    ['to its own aggregate', (world: World) => give(world, 'a1')],
  ])('is refused, %s', async (_name, way) => {
    await using world = transferring(way)
    const error = await failureOf(() => world.commands.execute(note, { id: 'a1', text: '' }))
    expect(error).toBeInstanceOf(SeveralAggregatesError)
    expect((error as Error).message).toContain(
      'The handler of "account.note" on stream "account-a1" sent the command "account.deposit" while it was deciding. One command changes one aggregate',
    )
    expect(await eventsOf(world.eventStore, 'account-a1')).toEqual([])
    expect(await eventsOf(world.eventStore, 'account-a2')).toEqual([])
  })

  test('is carried out where the handler was done before', async () => {
    let later = Promise.resolve<unknown>(undefined)
    await using world = transferring((inner) => {
      later = new Promise((resolve) => setImmediate(resolve)).then(() => give(inner, 'a2'))
    })
    await world.commands.execute(note, { id: 'a1', text: '' })
    await later
    expect(await eventsOf(world.eventStore, 'account-a2')).toHaveLength(1)
  })
})

test('a handler that waits for its own aggregate, asynchronous for the first time, is let go', async () => {
  const account = defineAggregate<number>('account', {
    initial: () => 0,
    decide: [
      decideOn(deposit, (_, { amounts }) => amounts.map((amount) => deposited.create({ amount }))),
      decideOn(note, (_, { text }) =>
        text === ''
          ? undefined
          : Promise.resolve()
              .then(() => give(world, 'a1'))
              .then(() => undefined),
      ),
    ],
    evolve: [evolveWith(deposited, (balance, { amount }) => balance + amount)],
    cache: { mostWaitMs: 20 },
  })
  await using world: World = new World([account])
  await world.commands.execute(note, { id: 'a1', text: '' })
  const error = await failureOf(() => world.commands.execute(note, { id: 'a1', text: 'later' }))
  // The inner command waits in vain, and the decision is made again, watched this time.
  expect(error).toBeInstanceOf(SeveralAggregatesError)
  expect((await give(world, 'a1')).revision).toBe(0n)
})

describe('an aggregate that emits while no command is decided on it', () => {
  class Account extends AggregateRoot {
    balance = 0
    unfinished = Promise.resolve()
    deposit({ amounts }: { amounts: number[] }): void {
      for (const amount of amounts) this.emit(deposited.create({ amount }))
    }
    forget(): void {
      this.unfinished = Promise.resolve().then(() => this.deposit({ amounts: [1] }))
      void this.unfinished.catch(() => undefined)
      this.deposit({ amounts: [5] })
    }
    add({ amount }: Deposited): void {
      this.balance += amount
    }
  }
  const account = defineAggregateClass(Account, {
    category: 'account',
    handles: [
      [deposit, 'deposit'],
      [note, 'forget'],
    ],
    applies: [[deposited, 'add']],
  })

  test('because it was loaded to be read, is told that nothing would be stored', async () => {
    await using world = new World([account])
    await give(world, 'a1')
    const { state } = await world.commands.repositoryOf('account').load('a1')
    expect(() => (state as Account).deposit({ amounts: [1] })).toThrow(EmitOutsideDecisionError)
    expect((state as Account).balance).toBe(1)
  })

  test('because its handler did not wait, is told so, and is not changed', async () => {
    await using world = new World([account])
    await world.commands.execute(note, { id: 'a1', text: '' })
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(1)
    await give(world, 'a1')
    expect(await world.commands.repositoryOf('account').load('a1')).toMatchObject({
      state: { balance: 6 },
    })
  })
})
