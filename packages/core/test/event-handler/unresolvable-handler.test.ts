import { describe, expect, test } from 'vitest'
import {
  createSingletonResolver,
  type DeliveryMode,
  defineEventHandler,
  EventHandlerHaltedError,
  type EventHandlerSettings,
  HandlerNotResolvableError,
  type HandlerResolver,
} from '../../src/index.ts'
import { deposited } from '../fixtures/accounts.ts'
import { HandlerWorld } from './handler-world.ts'

const handled: number[] = []

class Mailing {
  constructor(readonly mailer: { readonly host: string }) {
    if (mailer.host === '') throw new RangeError('no host')
  }
  send(amount: number): void {
    handled.push(amount)
  }
}

/** A container whose parts may be missing. */
class Parts implements HandlerResolver {
  mailer: { readonly host: string } | undefined
  open(): ReturnType<HandlerResolver['open']> {
    const scope = createSingletonResolver().open()
    return {
      ...scope,
      resolve: (handler) => {
        if (!this.mailer) throw new HandlerNotResolvableError(handler.name)
        return new Mailing(this.mailer) as never
      },
    }
  }
}

function mailing(settings: EventHandlerSettings, isChecked: boolean) {
  return defineEventHandler('mailing', {
    startFrom: 'beginning',
    ...settings,
    handlers: [
      {
        event: deposited,
        ...(isChecked && { prepare: (scope) => scope.resolve(Mailing) }),
        handle: (event, _context, scope) =>
          scope.resolve(Mailing).send((event as { amount: number }).amount),
      },
    ],
  })
}

const modes: readonly EventHandlerSettings[] = (
  ['at-most-once', 'at-least-once', 'idempotent'] satisfies DeliveryMode[]
).flatMap((delivery) => [
  { delivery, onError: 'skip' },
  { delivery, onError: 'dead-letter' },
])

describe.each(modes)('$delivery, $onError: a handler that cannot be made', (settings) => {
  test('is halted before any event, and goes on with all of them once it can', async () => {
    handled.length = 0
    const resolver = new Parts()
    await using world = new HandlerWorld([mailing(settings, true)], {
      resolver,
      tuning: { retryDelaysMs: [60_000] },
    })
    const last = await world.append('a-1', deposited.create({ amount: 1 }))
    await world.handlers.start()
    await world.becomes('halted')
    const { lastError, event, lost } = world.status()
    expect(lastError).toBeInstanceOf(EventHandlerHaltedError)
    expect((lastError as Error).cause).toBeInstanceOf(HandlerNotResolvableError)
    expect([event, lost]).toEqual([undefined, 0])
    expect((lastError as Error).message).toBe(
      'Event handler "mailing" is halted: Handler "Mailing" could not be made. Give it a constructor without arguments, or pass a container that knows what it injects. Mend the cause and call resume("mailing"); nothing was left out so far.',
    )
    expect(world.log.lines).toMatchObject([{ level: 'error' }])
    resolver.mailer = { host: 'mail' }
    await world.handlers.resume('mailing')
    await world.handlers.waitFor('mailing', last)
    expect(handled).toEqual([1])
  })
})

describe.each(modes.filter(({ delivery }) => delivery !== 'at-most-once'))(
  '$delivery, $onError: a handler that is first made for an event, and cannot be',
  (settings) => {
    test('is halted on it at once, and has it when it can be made', async () => {
      handled.length = 0
      const resolver = new Parts()
      await using world = new HandlerWorld([mailing(settings, false)], {
        resolver,
        tuning: { retryDelaysMs: [60_000] },
      })
      const last = await world.append('a-1', deposited.create({ amount: 1 }))
      await world.handlers.start()
      await world.becomes('halted')
      expect(world.status()).toMatchObject({
        event: { position: last },
        lost: 0,
        lettersWritten: 0,
      })
      resolver.mailer = { host: 'mail' }
      await world.handlers.resume('mailing')
      await world.handlers.waitFor('mailing', last)
      expect(handled).toEqual([1])
    })
  },
)
