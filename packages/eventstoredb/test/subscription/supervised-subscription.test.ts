import { PassThrough } from 'node:stream'
import { type RecordedEvent, silentLogger, type SubscriptionState } from '@varve/core'
import { describe, expect, test } from 'vitest'
import { ClientPool } from '../../src/connection/client-pool.ts'
import { clientDriver } from '../../src/client-library/choose-client.ts'
import { clientOpener } from '../../src/connection/open-client.ts'
import { parseConnectionString } from '../../src/connection/parse-connection-string.ts'
import type { Delivery } from '../../src/read/delivery.ts'
import type {
  ClientSubscription,
  Probe,
  SubscriptionSource,
} from '../../src/subscription/subscription-source.ts'
import { SupervisedSubscription } from '../../src/subscription/supervised-subscription.ts'

const pool = new ClientPool(
  clientOpener(parseConnectionString('esdb://localhost?tls=false'), clientDriver()),
  80,
)
const atEnd: Probe = { isBehind: false, isAtEnd: true, upTo: undefined }

/** A connection that does what the test says. */
class Connection extends PassThrough implements ClientSubscription {
  constructor() {
    super({ objectMode: true })
  }

  unsubscribe(): Promise<void> {
    return Promise.resolve()
  }

  deliver(position: bigint): this {
    this.push({ commitPosition: position })
    return this
  }
}

/** A log behind connections the test scripts, one after the other. */
class ScriptedSource implements SubscriptionSource {
  readonly description = 'the script'
  readonly openedAfter: (bigint | undefined)[] = []
  readonly #connections: ((connection: Connection) => void)[]
  readonly #probe: () => Probe
  position: bigint | undefined

  constructor(connections: ((connection: Connection) => void)[], probe = (): Probe => atEnd) {
    this.#connections = connections
    this.#probe = probe
  }

  open(): ClientSubscription {
    this.openedAfter.push(this.position)
    const connection = new Connection()
    const script = this.#connections.shift()
    setImmediate(() => {
      connection.emit('confirmation')
      script?.(connection)
    })
    return connection
  }

  accept({ commitPosition = 0n }: Delivery): RecordedEvent {
    this.position = commitPosition
    return { position: commitPosition } as RecordedEvent
  }

  advance(position: bigint): boolean {
    this.position = position
    return true
  }

  probe(): Promise<Probe> {
    return Promise.resolve(this.#probe())
  }
}

function follow(
  source: ScriptedSource,
  states: SubscriptionState[] = [],
  onStateChange = (): void => undefined,
): SupervisedSubscription {
  return new SupervisedSubscription({
    source,
    stream: undefined,
    pool,
    times: { probeMs: 5, stallMs: 20, answerMs: 1000 },
    logger: silentLogger,
    onStateChange: ({ to }) => {
      states.push(to)
      onStateChange()
    },
  })
}

async function positionsUntil(
  subscription: SupervisedSubscription,
  last: bigint,
): Promise<(bigint | undefined)[]> {
  const positions: (bigint | undefined)[] = []
  for await (const { events, position } of subscription) {
    positions.push(...events.map((event) => event.position))
    if (position === last) break
  }
  return positions
}

describe('a subscription', () => {
  test('is live at the end of the log where the server does not say so', async () => {
    const subscription = follow(new ScriptedSource([(one) => one.deliver(1n)]))
    for await (const { isCaughtUp, position } of subscription)
      if (isCaughtUp) {
        expect([position, subscription.state]).toEqual([1n, 'live'])
        break
      }
    expect(subscription.state).toBe('stopped')
  })

  test('resumes after what it accepted when a connection fails, or ends without being asked', async () => {
    const source = new ScriptedSource([
      (one) => {
        one.deliver(1n).deliver(2n)
        setImmediate(() => one.emit('error', new Error('lost')))
      },
      (two) => two.deliver(3n).push(null),
      (three) => three.deliver(4n),
    ])
    expect(await positionsUntil(follow(source), 4n)).toEqual([1n, 2n, 3n, 4n])
    expect(source.openedAfter).toEqual([undefined, 2n, 3n])
  })

  test('tells that it stalled, and resumes', async () => {
    const states: SubscriptionState[] = []
    const source = new ScriptedSource(
      [(silent) => silent.pause(), (two) => two.deliver(1n)],
      () => ({ isBehind: true, isAtEnd: false, upTo: undefined }),
    )
    expect(await positionsUntil(follow(source, states), 1n)).toEqual([1n])
    const expected = ['catching-up', 'stalled', 'connecting', 'catching-up', 'stopped']
    expect(states).toEqual(expected)
  })

  test('moves its position by what the log says of events nobody asked for', async () => {
    const source = new ScriptedSource([], () => ({ ...atEnd, upTo: 7n }))
    expect(await positionsUntil(follow(source), 7n)).toEqual([])
  })

  test('goes on where the listener for its state fails', async () => {
    const source = new ScriptedSource([(one) => one.deliver(1n)])
    const failing = follow(source, [], () => {
      throw new RangeError('listener')
    })
    expect(await positionsUntil(failing, 1n)).toEqual([1n])
  })

  test('stops where nobody iterates it, more than once', async () => {
    const states: SubscriptionState[] = []
    const subscription = follow(new ScriptedSource([]), states)
    await Promise.all([subscription.stop(), subscription.stop()])
    expect([subscription.state, states]).toEqual(['stopped', ['stopped']])
  })

  test('is iterated once', async () => {
    const subscription = follow(new ScriptedSource([]))
    subscription[Symbol.asyncIterator]()
    expect(() => subscription[Symbol.asyncIterator]()).toThrow(/a second time/)
    await subscription.stop()
  })

  test('keeps the order of events and the end of the log while its consumer is slow', async () => {
    const source = new ScriptedSource([
      (one) => {
        for (let n = 1n; n <= 1500n; n += 1n) one.deliver(n)
        one.emit('caughtUp')
      },
    ])
    let received = 0n
    for await (const { events, isCaughtUp } of follow(source)) {
      for (const { position } of events) expect(position).toBe((received += 1n))
      if (isCaughtUp) break
      expect(events.length).toBeLessThanOrEqual(1000)
    }
    expect(received).toBe(1500n)
  })
})
