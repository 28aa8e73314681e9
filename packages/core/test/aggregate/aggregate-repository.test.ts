import { describe, expect, test } from 'vitest'
import {
  AggregateNotFoundError,
  type EventToAppend,
  type JsonObject,
  MalformedEventError,
  PointInTimeError,
  streamName,
  UnknownEventTypeError,
} from '../../src/index.ts'
import { defineAccount, deposit, open } from '../fixtures/accounts.ts'
import { World } from '../fixtures/world.ts'

const account = defineAccount()

function foreign(type: string, data: unknown): EventToAppend {
  return { id: crypto.randomUUID(), type, data: data as JsonObject, metadata: {} }
}

test('an aggregate without events has its initial state', async () => {
  await using world = new World([account])
  expect(await world.commands.repositoryOf('account').load('nobody')).toEqual({
    id: 'nobody',
    stream: 'account-nobody',
    state: { owner: '', balance: 0 },
    revision: undefined,
    snapshotRevision: undefined,
  })
})

test('an event of a type nobody declared is refused with the type and the place', async () => {
  await using world = new World([account])
  await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
  await world.eventStore.append(streamName('account', 'a1'), [foreign('account.frozen', {})], {
    expected: 0n,
  })
  const command = world.commands.execute(deposit, { id: 'a1', amounts: [1] })
  await expect(command).rejects.toThrow(UnknownEventTypeError)
  await expect(command).rejects.toThrow(
    'Stream "account-a1" has an event of type "account.frozen" at revision 1, but no such event is declared.',
  )
})

test('an event whose data is no object is refused with the place', async () => {
  await using world = new World([account])
  await world.eventStore.append(streamName('account', 'a1'), [foreign('account.opened', '{"own')], {
    expected: 'any',
  })
  const loading = world.commands.repositoryOf('account').load('a1')
  await expect(loading).rejects.toThrow(MalformedEventError)
  await expect(loading).rejects.toThrow('in stream "account-a1" at revision 0')
})

test('a stream over many pages is folded from its first to its last event', async () => {
  await using world = new World([account])
  const events = Array.from({ length: 2_500 }, () => foreign('account.deposited', { amount: 1 }))
  await world.eventStore.append(streamName('account', 'a1'), events, { expected: 'no-stream' })
  expect(await world.commands.repositoryOf('account').load('a1')).toMatchObject({
    state: { balance: 2_500 },
    revision: 2_499n,
  })
})

describe('an aggregate as it was', () => {
  const times = ['2024-01-01', '2024-02-01', '2024-03-01'].map((day) => new Date(day))

  async function history(): Promise<World> {
    let next = 0
    const clock = { now: () => times[Math.min(next, 2)] as Date }
    const world = new World([defineAccount({ every: 2 })], { clock })
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    next = 1
    await world.commands.execute(open, { id: 'other', owner: 'Bob' })
    await world.commands.execute(deposit, { id: 'a1', amounts: [1, 2] })
    next = 2
    await world.commands.execute(deposit, { id: 'a1', amounts: [4] })
    await world.commands.drain()
    return world
  }

  test.each<[string, Parameters<World['seen']>[1], number, bigint]>([
    ['its first revision', { revision: 0n }, 0, 0n],
    ['a revision within an append', { revision: 1n }, 1, 1n],
    ['a revision right at a snapshot', { revision: 2n }, 3, 2n],
    ['the position of an event of another stream', { position: 1n }, 0, 0n],
    ['a position behind the end', { position: 99n }, 7, 3n],
    ['the date of an event', { date: new Date('2024-02-01') }, 3, 2n],
    ['a date between events', { date: new Date('2024-01-31') }, 0, 0n],
    ['a date in the future', { date: new Date('2099-01-01') }, 7, 3n],
  ])('at %s', async (_name, point, balance, revision) => {
    await using world = await history()
    const loaded = await world.seen('a1', point)
    expect(loaded).toMatchObject({ state: { owner: 'Ada', balance }, revision })
  })

  test('before its first event is not found', async () => {
    await using world = await history()
    await expect(world.seen('a1', { date: new Date('2023-12-31') })).rejects.toThrow(
      'There is no account "a1" at 2023-12-31T00:00:00.000Z: its stream has no events up to then.',
    )
    await expect(world.seen('nobody', { position: 3n })).rejects.toThrow(AggregateNotFoundError)
    await expect(world.seen('nobody', { revision: 0n })).rejects.toThrow(AggregateNotFoundError)
  })

  test('at a revision the stream has not reached is refused', async () => {
    await using world = await history()
    await expect(world.seen('a1', { revision: 4n })).rejects.toThrow(
      'account "a1" cannot be seen at revision 4: its stream is only at revision 3.',
    )
  })

  test('at an invalid date is refused', async () => {
    await using world = await history()
    const loading = world.seen('a1', { date: new Date(NaN) })
    await expect(loading).rejects.toThrow(PointInTimeError)
    await expect(loading).rejects.toThrow('cannot be seen at an invalid date')
  })
})
