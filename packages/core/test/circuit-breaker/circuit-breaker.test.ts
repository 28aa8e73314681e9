import { VirtualClock } from '@varve/testing'
import { describe, expect, test } from 'vitest'
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitOpenError,
  type CircuitStateChange,
} from '../../src/index.ts'
import { failureOf } from '../fixtures/collect.ts'
import { signal } from '../fixtures/until.ts'

/** A circuit that opens at the second failure within ten seconds, for one second at first and four at the most. */
class Bench {
  readonly clock = new VirtualClock()
  readonly changes: CircuitStateChange[] = []
  readonly circuit: CircuitBreaker
  calls = 0

  constructor(options: Partial<CircuitBreakerOptions> = {}) {
    this.circuit = new CircuitBreaker({
      name: 'mail',
      failures: 2,
      windowMs: 10_000,
      openMs: 1_000,
      maxOpenMs: 4_000,
      clock: this.clock,
      onStateChange: (change) => this.changes.push(change),
      ...options,
    })
  }

  succeed(): Promise<string> {
    return this.circuit.run(() => {
      this.calls += 1
      return 'sent'
    })
  }

  /** Makes a call that fails; returns the failure as it comes out. */
  fail(message = 'no answer'): Promise<unknown> {
    return failureOf(() =>
      this.circuit.run(async () => {
        this.calls += 1
        throw new TypeError(message)
      }),
    )
  }

  get state(): string {
    return this.circuit.status.state
  }
}

describe('a closed circuit', () => {
  test('passes on what a call returns or throws', async () => {
    const bench = new Bench()
    expect(await bench.succeed()).toBe('sent')
    expect(await bench.fail()).toEqual(new TypeError('no answer'))
    expect(bench.circuit.status).toMatchObject({
      name: 'mail',
      state: 'closed',
      until: undefined,
      failures: 1,
      lastError: new TypeError('no answer'),
    })
  })

  test('opens at the number of failures, successes in between or not', async () => {
    const bench = new Bench()
    await bench.fail()
    await bench.succeed()
    await bench.fail()
    expect(bench.state).toBe('open')
    expect(bench.changes).toEqual([
      { circuit: 'mail', from: 'closed', to: 'open', cause: new TypeError('no answer') },
    ])
  })

  test('forgets failures that are older than its window', async () => {
    const bench = new Bench()
    await bench.fail()
    bench.clock.advance(10_000)
    expect(bench.circuit.status.failures).toBe(0)
    await bench.fail()
    expect(bench.state).toBe('closed')
  })

  test('does not count what is no failure of the other side', async () => {
    const bench = new Bench({ isFailure: (error) => (error as Error).message !== 'refused' })
    for (let count = 0; count < 5; count += 1) await bench.fail('refused')
    expect(bench.circuit.status).toMatchObject({ state: 'closed', failures: 0 })
  })
})

describe('an open circuit', () => {
  test('makes no call, and says since when, until when and why', async () => {
    const bench = new Bench()
    await bench.fail()
    await bench.fail('still no answer')
    const error = await failureOf(() => bench.succeed())
    expect(bench.calls).toBe(2)
    expect(error).toBeInstanceOf(CircuitOpenError)
    expect(error).toMatchObject({
      code: 'CIRCUIT_OPEN',
      circuit: 'mail',
      since: new Date('2024-01-01T00:00:00.000Z'),
      until: new Date('2024-01-01T00:00:01.000Z'),
      cause: new TypeError('still no answer'),
      message:
        'Circuit "mail" is open since 2024-01-01T00:00:00.000Z and lets the next call through at 2024-01-01T00:00:01.000Z. Wait until then; the last failure was: still no answer',
    })
  })

  test('closes when the call after its time succeeds', async () => {
    const bench = new Bench()
    await bench.fail()
    await bench.fail()
    bench.clock.advance(1_000)
    expect(await bench.succeed()).toBe('sent')
    expect(bench.circuit.status).toMatchObject({ state: 'closed', failures: 0 })
    expect(bench.changes.map(({ to }) => to)).toEqual(['open', 'half-open', 'closed'])
  })

  test('stays open twice as long after each call that fails, up to its longest', async () => {
    const bench = new Bench()
    await bench.fail()
    await bench.fail()
    const waits: number[] = []
    for (let count = 0; count < 4; count += 1) {
      waits.push(bench.circuit.waitMs)
      bench.clock.advance(bench.circuit.waitMs)
      await bench.fail()
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 4_000])
    const error = (await failureOf(() => bench.succeed())) as CircuitOpenError
    expect(error.since).toEqual(new Date('2024-01-01T00:00:00.000Z'))
  })

  test('starts with its shortest time again once it was closed', async () => {
    const bench = new Bench()
    for (let count = 0; count < 2; count += 1) await bench.fail()
    bench.clock.advance(1_000)
    await bench.fail()
    bench.clock.advance(2_000)
    await bench.succeed()
    for (let count = 0; count < 2; count += 1) await bench.fail()
    expect(bench.circuit.waitMs).toBe(1_000)
  })

  test('is not opened further by calls that began before it opened', async () => {
    const bench = new Bench()
    const answer = signal()
    const late = failureOf(() =>
      bench.circuit.run(async () => {
        await answer.raised
        throw new TypeError('late')
      }),
    )
    await bench.fail()
    await bench.fail()
    bench.clock.advance(1_000)
    const trying = bench.succeed()
    answer.raise()
    await late
    await trying
    expect(bench.state).toBe('closed')
  })
})

describe('a half-open circuit', () => {
  const hang = (bench: Bench, until: Promise<void>): Promise<unknown> =>
    failureOf(() => bench.circuit.run(() => until))

  test('lets as many calls through as it tries with, and closes when all have succeeded', async () => {
    const bench = new Bench({ halfOpenTries: 2 })
    await bench.fail()
    await bench.fail()
    bench.clock.advance(1_000)
    const answer = signal()
    const tries = [hang(bench, answer.raised), hang(bench, answer.raised)]
    expect(await bench.fail()).toBeInstanceOf(CircuitOpenError)
    expect(bench.state).toBe('half-open')
    answer.raise()
    await Promise.all(tries)
    expect(bench.state).toBe('closed')
  })

  test('opens again when one of them fails, whatever the others do', async () => {
    const bench = new Bench({ halfOpenTries: 2 })
    await bench.fail()
    await bench.fail()
    bench.clock.advance(1_000)
    const answer = signal()
    const trying = hang(bench, answer.raised)
    await bench.fail()
    answer.raise()
    await trying
    expect(bench.state).toBe('open')
  })

  test('lets another call through when one never ends', async () => {
    const bench = new Bench()
    await bench.fail()
    await bench.fail()
    bench.clock.advance(1_000)
    void hang(bench, new Promise(() => undefined))
    expect(bench.circuit.waitMs).toBe(1_000)
    expect(await failureOf(() => bench.succeed())).toBeInstanceOf(CircuitOpenError)
    bench.clock.advance(1_000)
    expect(await bench.succeed()).toBe('sent')
    expect(bench.state).toBe('closed')
  })
})
