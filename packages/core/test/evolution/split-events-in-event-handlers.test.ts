import { describe, expect, test } from 'vitest'
import { defineEventHandler, type DeliveryMode, reactTo } from '../../src/index.ts'
import { HandlerWorld } from '../event-handler/handler-world.ts'
import { account, booked, charged, credit, credited, oldBooked } from './statements.ts'

/** A handler that keeps what it sees, and fails on its first charge. */
function watching(delivery: DeliveryMode, failures = 0) {
  const seen: string[] = []
  let left = failures
  const handler = defineEventHandler('watching', {
    delivery,
    startFrom: 'beginning',
    handlers: [
      reactTo(credited, ({ cents }, { idempotencyKey, eventId }) => {
        seen.push(`credited ${cents} ${idempotencyKey.replace(eventId, 'id')}`)
      }),
      reactTo(charged, ({ cents }, { idempotencyKey, eventId }) => {
        seen.push(`charged ${cents} ${idempotencyKey.replace(eventId, 'id')}`)
        if (left-- > 0) throw new RangeError('not yet')
      }),
    ],
  })
  return { seen, handler }
}

async function oldLog(): Promise<HandlerWorld> {
  const world = new HandlerWorld([oldBooked])
  await world.append('account-a1', oldBooked.create({ sum: 10, fee: 1 }))
  await world.append('account-a1', oldBooked.create({ sum: 0, fee: 1 }))
  return world
}

const both = ['credited 1000 watching:id', 'charged 100 watching:id:1']

describe.each<DeliveryMode>(['at-most-once', 'at-least-once', 'idempotent'])('%s', (delivery) => {
  test('a handler is called with each event an old one stands for, with keys of their own', async () => {
    await using old = await oldLog()
    const { seen, handler } = watching(delivery)
    await using world = old.another([handler, booked])
    await world.handlers.start()
    await world.handlers.waitFor('watching', 1n)
    expect(seen).toEqual(both)
  })
})

test('of an old event that is tried again, only what failed is handled again', async () => {
  await using old = await oldLog()
  const { seen, handler } = watching('at-least-once', 1)
  await using world = old.another([handler, booked], { tuning: { retryDelaysMs: [1] } })
  await world.handlers.start()
  await world.handlers.waitFor('watching', 1n)
  expect(seen).toEqual([...both, 'charged 100 watching:id:1'])
})

test('at most once, the other parts are handled where one fails', async () => {
  await using old = await oldLog()
  const seen: string[] = []
  const handler = defineEventHandler('watching', {
    delivery: 'at-most-once',
    startFrom: 'beginning',
    handlers: [
      reactTo(credited, () => {
        throw new RangeError('never')
      }),
      reactTo(charged, ({ cents }) => void seen.push(`charged ${cents}`)),
    ],
  })
  await using world = old.another([handler, booked])
  await world.handlers.start()
  await world.handlers.waitFor('watching', 1n)
  expect(seen).toEqual(['charged 100'])
  expect(world.status().lost).toBe(1)
})

test('commands sent for the parts of one event are different commands, and are carried out once', async () => {
  await using old = await oldLog()
  let failures = 1
  const handler = defineEventHandler('copying', {
    delivery: 'at-least-once',
    startFrom: 'beginning',
    handlers: [credited, charged].map((event) =>
      reactTo(event, async ({ cents }, context) => {
        if (context.aggregateId === 'copy') return
        await context.execute(credit, { id: 'copy', cents })
        if (failures-- > 0) throw new RangeError('not yet')
      }),
    ),
  })
  await using world = old.another([handler, booked, account], { tuning: { retryDelaysMs: [1] } })
  await world.handlers.start()
  await world.handlers.waitFor('copying', 1n)
  await world.handlers.stop()
  const { state } = await world.commands.repositoryOf('account').load('copy')
  expect(state).toEqual({ cents: 1100 })
})
