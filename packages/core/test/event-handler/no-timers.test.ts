import { expect, test } from 'vitest'
import { defineEventHandler, reactTo } from '../../src/index.ts'
import { deposited } from '../fixtures/accounts.ts'
import { HandlerWorld } from './handler-world.ts'

const timers = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

// In a file of its own: the timers of other tests would count.
test('a process that has stopped its handlers holds no timer that keeps it alive', async () => {
  const handler = defineEventHandler('noting', {
    delivery: 'idempotent',
    handlers: [reactTo(deposited, () => undefined)],
  })
  const before = timers()
  const world = new HandlerWorld([handler])
  await world.handlers.start()
  await world.handlers.waitFor('noting', await world.append('a-1', deposited.create({ amount: 1 })))
  await world.handlers.stop()
  expect(timers()).toBeLessThanOrEqual(before)
})
