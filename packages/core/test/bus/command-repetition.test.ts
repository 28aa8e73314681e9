import { describe, expect, test } from 'vitest'
import { CommandIdReusedError, decideOn, defineAggregate, evolveWith } from '../../src/index.ts'
import { defineAccount, deposit, deposited, open } from '../fixtures/accounts.ts'
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

  test.each([
    ['the same process', (world: World) => world],
    ['another process', (world: World) => world.another([account])],
  ])('after 10,000 other events, in %s', async (_name, next) => {
    await using world = new World([account])
    const first = await world.commands.execute(deposit, command, { id: 'c1' })
    for (let count = 0; count < 100; count += 1)
      await world.commands.execute(
        deposit,
        { id: 'a1', amounts: Array.from({ length: 100 }, () => 1) },
        { id: `other-${count}` },
      )
    await world.commands.drain()
    await using later = next(world)
    expect(await later.commands.execute(deposit, command, { id: 'c1' })).toEqual({
      ...first,
      isRepeated: true,
    })
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(10_002)
  })

  test('after other processes wrote, decided on what was kept meanwhile', async () => {
    await using world = new World([account])
    await using other = world.another([account])
    await world.commands.execute(deposit, { id: 'a1', amounts: [1] }, { id: 'c0' })
    const first = await other.commands.execute(deposit, command, { id: 'c1' })
    await other.commands.execute(deposit, { id: 'a1', amounts: [1] }, { id: 'c2' })
    const again = await world.commands.execute(deposit, command, { id: 'c1' })
    expect({ ...again, isRepeated: false }).toEqual(first)
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(4)
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

test('two processes that decide differently under one id store one decision, and both know it', async () => {
  let rate = 0
  const trading = defineAggregate<number>('account', {
    initial: () => 0,
    decide: [decideOn(deposit, () => deposited.create({ amount: (rate += 1) }))],
    evolve: [evolveWith(deposited, (balance, { amount }) => balance + amount)],
  })
  await using world = new World([trading])
  await using other = world.another([trading])
  await world.commands.execute(deposit, command, { id: 'c0' })
  await other.commands.execute(deposit, command, { id: 'c1' })
  const again = await world.commands.execute(deposit, command, { id: 'c1' })
  expect(again).toMatchObject({ isRepeated: true, revision: 1n, events: [{ amount: 2 }] })
  await world.commands.execute(deposit, command, { id: 'c2' })
  const events = await eventsOf(world.eventStore, 'account-a1')
  expect(events.map(({ data }) => data)).toMatchObject([{ amount: 1 }, { amount: 2 }, {}])
})

test('an id made here is looked for nowhere', async () => {
  await using world = new World([account])
  await world.commands.execute(deposit, command)
  const reads: unknown[] = []
  const { eventStore } = world
  const read = eventStore.readStream.bind(eventStore)
  eventStore.readStream = (...of) => {
    reads.push(of)
    return read(...of)
  }
  await world.commands.execute(deposit, command)
  expect(reads).toEqual([])
})

describe('an id that was used with another payload', () => {
  const other = { id: 'a1', amounts: [9] }

  test('is refused', async () => {
    await using world = new World([account])
    await world.commands.execute(deposit, command, { id: 'c1' })
    const reuse = world.commands.execute(deposit, other, { id: 'c1' })
    await expect(reuse).rejects.toThrow(
      'Command id "c1" of "account.deposit" was used before, with another payload.',
    )
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(2)
  })

  test('gives the first result to a caller who says that any payload will do', async () => {
    await using world = new World([account])
    const first = await world.commands.execute(deposit, command, { id: 'c1' })
    const options = { id: 'c1', repeats: 'any-payload' } as const
    expect(await world.commands.execute(deposit, other, options)).toEqual({
      ...first,
      isRepeated: true,
    })
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

test('the same id on two aggregates makes events with ids of their own', async () => {
  await using world = new World([account])
  for (const id of ['a1', 'a2'])
    await world.commands.execute(deposit, { id, amounts: [5] }, { id: 'c1' })
  const [one] = await eventsOf(world.eventStore, 'account-a1')
  const [other] = await eventsOf(world.eventStore, 'account-a2')
  expect(one?.id).not.toBe(other?.id)
})

test('payloads that read alike are told apart', async () => {
  await using world = new World([account])
  const owner = { id: 'a1', owner: 'Ada,string:b' }
  await world.commands.execute(open, { ...owner, tags: ['a', 'b'] } as typeof owner, { id: 'c1' })
  const other = { ...owner, tags: ['a,string:b'] } as typeof owner
  await expect(world.commands.execute(open, other, { id: 'c1' })).rejects.toThrow(
    CommandIdReusedError,
  )
})

test('a payload that refers back to itself is refused by its name', async () => {
  await using world = new World([account])
  const payload: Record<string, unknown> = { id: 'a1', owner: 'Ada' }
  payload['self'] = payload
  const sent = world.commands.execute(open, payload as never, { id: 'c1' })
  await expect(sent).rejects.toThrow('The command cannot be stored: the payload is nested over 200')
  expect(await eventsOf(world.eventStore, 'account-a1')).toEqual([])
})

test('a command that middleware sends on again after it was stored gives its first result', async () => {
  await using world = new World([account], {
    middleware: [
      async (envelope, next) => {
        await next(envelope)
        return next(envelope)
      },
    ],
  })
  for (const revision of [1n, 3n])
    expect(await world.commands.execute(deposit, command)).toMatchObject({
      isRepeated: true,
      revision,
      events: [{ amount: 5 }, { amount: 7 }],
    })
  expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(4)
})

test('a command that middleware sends on again after it failed is decided again', async () => {
  let isFirst = true
  const moody = defineAggregate<number>('account', {
    initial: () => 0,
    decide: [
      decideOn(deposit, () => {
        if (!isFirst) return deposited.create({ amount: 1 })
        isFirst = false
        throw new RangeError('not now')
      }),
    ],
    evolve: [evolveWith(deposited, (balance, { amount }) => balance + amount)],
  })
  await using world = new World([moody], {
    middleware: [(envelope, next) => next(envelope).catch(() => next(envelope))],
  })
  expect(await world.commands.execute(deposit, command)).toMatchObject({ isRepeated: false })
})
