import { describe, expect, test } from 'vitest'
import { CommandIdReusedError } from '../../src/index.ts'
import { defineAccount, deposit, open } from '../fixtures/accounts.ts'
import { eventsOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

const account = defineAccount({ every: 2 })
const command = { id: 'a1', amounts: [5, 7] }

describe('a command sent again with the same id returns its first result and appends nothing', () => {
  test('right after', async () => {
    await using world = new World([account])
    const first = await world.commands.execute(deposit, command, { id: 'c1' })
    const again = await world.commands.execute(deposit, command, { id: 'c1' })
    expect(again).toEqual({ ...first, isRepeated: true })
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(2)
  })

  test('after a snapshot hid its events, and others came behind them', async () => {
    await using world = new World([account])
    const first = await world.commands.execute(deposit, command, { id: 'c1' })
    for (let count = 0; count < 5; count += 1)
      await world.commands.execute(deposit, { id: 'a1', amounts: [1] })
    await world.commands.drain()
    expect(await world.snapshotStore.load(first.stream)).toMatchObject({ revision: 5n })
    const again = await world.commands.execute(deposit, command, { id: 'c1' })
    expect(again).toEqual({ ...first, isRepeated: true })
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(7)
  })

  test('in another process over the same stores', async () => {
    await using world = new World([account])
    const first = await world.commands.execute(deposit, command, { id: 'c1' })
    await world.commands.drain()
    await using other = world.another([account])
    expect(await other.commands.execute(deposit, command, { id: 'c1' })).toEqual({
      ...first,
      isRepeated: true,
    })
  })

  test('many times at once, in two processes', async () => {
    await using world = new World([account])
    await using other = world.another([account])
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? world : other).commands.execute(deposit, command, { id: 'c1' }),
      ),
    )
    for (const result of results)
      expect(result).toMatchObject({
        revision: 1n,
        position: 1n,
        events: [{ amount: 5 }, { amount: 7 }],
      })
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(2)
  })
})

test('an id that was used for another command is refused', async () => {
  await using world = new World([account])
  await world.commands.execute(open, { id: 'a1', owner: 'Ada' }, { id: 'c1' })
  const reuse = world.commands.execute(deposit, command, { id: 'c1' })
  await expect(reuse).rejects.toThrow(CommandIdReusedError)
  await expect(reuse).rejects.toThrow(
    'Command id "c1" of "account.deposit" was used before, for "account.open".',
  )
  expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(1)
})
