import { InMemoryHandlerProgressStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  defineEventHandler,
  type DeliveryMode,
  reactTo,
} from '../../src/index.ts'
import { deposited } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { until } from '../fixtures/until.ts'
import { HandlerWorld } from './handler-world.ts'

/** Something outside that may be down. */
class Mail {
  isDown = false
  readonly sent: number[] = []
  calls = 0
  async send(amount: number): Promise<void> {
    this.calls += 1
    if (this.isDown) throw new TypeError('mail is down')
    this.sent.push(amount)
  }
}

const options: CircuitBreakerOptions = { name: 'mail', failures: 2, openMs: 10, maxOpenMs: 10 }

function mailing(mail: Mail, delivery: DeliveryMode, circuit: CircuitBreaker) {
  return defineEventHandler('mailing', {
    delivery,
    circuit,
    handlers: [reactTo(deposited, ({ amount }) => mail.send(amount))],
  })
}

describe('a handler behind a circuit', () => {
  test('waits out an outage however long, and uses up none of its tries', async () => {
    const mail = new Mail()
    const circuit = new CircuitBreaker(options)
    await using world = new HandlerWorld([mailing(mail, 'at-least-once', circuit)], {
      tuning: { retryDelaysMs: [0, 0] },
    })
    await world.handlers.start()
    mail.isDown = true
    await world.append('a-1', deposited.create({ amount: 1 }))
    await until(() => mail.calls === 6)
    expect(['waiting', 'retrying']).toContain(world.status().state)
    mail.isDown = false
    const last = await world.append('a-1', deposited.create({ amount: 2 }))
    await world.handlers.waitFor('mailing', last)
    expect(mail.sent).toEqual([1, 2])
    expect(circuit.status.state).toBe('closed')
  })

  test('halts on an event that fails by itself', async () => {
    const mail = new Mail()
    mail.isDown = true
    const circuit = new CircuitBreaker({ ...options, isFailure: () => false })
    await using world = new HandlerWorld([mailing(mail, 'at-least-once', circuit)], {
      tuning: { retryDelaysMs: [0, 0] },
    })
    await world.handlers.start()
    await world.append('a-1', deposited.create({ amount: 1 }))
    await world.becomes('halted')
    expect(mail.calls).toBe(3)
  })

  test('takes no event at most once while it is open, so none is lost to it', async () => {
    const mail = new Mail()
    const circuit = new CircuitBreaker(options)
    await using world = new HandlerWorld([mailing(mail, 'at-most-once', circuit)])
    await world.handlers.start()
    mail.isDown = true
    for (const amount of [1, 2, 3]) await world.append('a-1', deposited.create({ amount }))
    await until(() => world.status().state === 'waiting')
    mail.isDown = false
    await world.handlers.waitFor('mailing', 2n)
    expect(mail.sent).toEqual([3])
    expect(world.status()).toMatchObject({ lost: 2, handled: 1 })
  })

  test('makes its call later where others open the circuit after it looked', async () => {
    const mail = new Mail()
    const circuit = new CircuitBreaker(options)
    const failing = (): Promise<void> =>
      circuit.run(() => Promise.reject(new TypeError('mail is down'))).catch(() => undefined)
    const progress = around(new InMemoryHandlerProgressStore(), {
      advance: async (advance, ...args) => {
        await failing()
        await failing()
        return advance(...args)
      },
    })
    const handler = mailing(mail, 'at-most-once', circuit)
    await using world = new HandlerWorld([handler], { progress })
    await world.handlers.start()
    await world.handlers.waitFor(
      'mailing',
      await world.append('a-1', deposited.create({ amount: 1 })),
    )
    expect(mail.sent).toEqual([1])
    expect(world.status()).toMatchObject({ handled: 1, lost: 0 })
  })
})

test('a handler that meets an open circuit of its own waits for it, too', async () => {
  const mail = new Mail()
  const circuit = new CircuitBreaker({ ...options, failures: 1 })
  const calling = defineEventHandler('calling', {
    delivery: 'idempotent',
    handlers: [reactTo(deposited, ({ amount }) => circuit.run(() => mail.send(amount)))],
  })
  await using world = new HandlerWorld([calling], { tuning: { retryDelaysMs: [0, 0, 0] } })
  mail.isDown = true
  await circuit.run(() => mail.send(0)).catch(() => undefined)
  mail.isDown = false
  await world.handlers.start()
  await world.handlers.waitFor(
    'calling',
    await world.append('a-1', deposited.create({ amount: 1 })),
  )
  expect(mail.sent).toEqual([1])
})
