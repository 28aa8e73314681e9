import { describe, expect, test } from 'vitest'
import {
  AggregateRoot,
  type CommandContext,
  createSingletonResolver,
  decideOn,
  defineAggregate,
  defineAggregateClass,
  evolveWith,
  randomIds,
  SeveralAggregatesError,
  systemClock,
  uncheckedMessages,
  UnknownCommandError,
  WhatIf,
} from '../../src/index.ts'
import {
  defineAccount,
  deposit,
  type Deposited,
  deposited,
  note,
  open,
} from '../fixtures/accounts.ts'
import { eventsOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

class Account extends AggregateRoot {
  balance = 0
  deposit({ amounts }: { amounts: number[] }, { now, actor }: CommandContext): void {
    if (this.balance > 5) throw new RangeError(`too rich for ${actor} on ${now.toISOString()}`)
    for (const amount of amounts) this.emit(deposited.create({ amount }))
  }
  add({ amount }: Deposited): void {
    this.balance += amount
  }
}

const accountClass = defineAggregateClass(Account, {
  category: 'account',
  handles: [[deposit, 'deposit']],
  applies: [[deposited, 'add']],
})

function whatIfIn({ model, commands, codec, log }: World): WhatIf {
  return new WhatIf({
    model,
    repositoryOf: (category) => commands.repositoryOf(category),
    validator: uncheckedMessages,
    codec,
    resolver: createSingletonResolver(),
    clock: systemClock,
    ids: randomIds,
    logger: log,
  })
}

describe('a command tried on the past', () => {
  test.each([
    ['functions', defineAccount()],
    ['a class', accountClass],
  ])(
    'shows its events and the state they make, and stores nothing, with %s',
    async (_, account) => {
      await using world = new World([account])
      await world.commands.execute(deposit, { id: 'a1', amounts: [1, 2] })
      const payload = { id: 'a1', amounts: [40] }
      const tried = await whatIfIn(world).decide(deposit, payload, { at: { revision: 0n } })
      expect(tried).toMatchObject({ revision: 0n, before: { balance: 1 }, after: { balance: 41 } })
      expect(tried.events).toEqual([deposited.create({ amount: 40 })])
      expect(tried.changes).toEqual([{ path: 'balance', kind: 'changed', before: 1, after: 41 }])
      expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(2)
      expect(await world.commands.repositoryOf('account').load('a1')).toMatchObject({
        state: { balance: 3 },
      })
    },
  )

  test('is refused as it would be, by the actor and the time it is given', async () => {
    await using world = new World([accountClass])
    await world.commands.execute(deposit, { id: 'a1', amounts: [6] })
    const now = new Date('2024-01-01')
    const trying = whatIfIn(world).decide(
      deposit,
      { id: 'a1', amounts: [1] },
      { actor: 'Ada', now },
    )
    await expect(trying).rejects.toThrow('too rich for Ada on 2024-01-01T00:00:00.000Z')
  })

  test('is decided on the initial state where the aggregate was not there yet', async () => {
    await using world = new World([accountClass])
    await world.commands.execute(deposit, { id: 'a1', amounts: [6] })
    const at = { date: new Date('2020-01-01') }
    const tried = await whatIfIn(world).decide(deposit, { id: 'a1', amounts: [1] }, { at })
    expect(tried).toMatchObject({ revision: undefined, after: { balance: 1 } })
  })

  test('cannot send another command, which would be stored', async () => {
    const account = defineAggregate<{ balance: number }>('account', {
      initial: () => ({ balance: 0 }),
      decide: [
        decideOn(deposit, () => deposited.create({ amount: 1 })),
        decideOn(note, async () => {
          await world.commands.execute(deposit, { id: 'a2', amounts: [1] })
          return []
        }),
      ],
      evolve: [evolveWith(deposited, (state) => state)],
    })
    await using world = new World([account])
    const trying = whatIfIn(world).decide(note, { id: 'a1', text: 'hello' })
    await expect(trying).rejects.toThrow(SeveralAggregatesError)
    expect(await eventsOf(world.eventStore, 'account-a2')).toEqual([])
  })

  test('that nobody handles is refused with its name', async () => {
    await using world = new World([accountClass])
    const trying = whatIfIn(world).decide(open, { id: 'a1', owner: 'Ada' })
    await expect(trying).rejects.toThrow(UnknownCommandError)
    await expect(trying).rejects.toThrow('account.open')
    const nothing = undefined as never
    await expect(whatIfIn(world).decide(nothing, nothing)).rejects.toThrow(
      'No aggregate handles undefined, which is no command',
    )
  })
})
