import assert from 'node:assert/strict'
import type { ContractCase } from '../contract/contract-case.ts'
import { within } from '../contract/patience.ts'
import { type EventStoreSubject, newEvent, newEvents } from './event-store-subject.ts'
import { numbersOf, upTo } from './reading.ts'
import { probing } from './subscription-probe.ts'

const filterCases: readonly ContractCase<EventStoreSubject>[] = [
  {
    name: 'yields only the types asked for, also when they come live',
    run: async ({ store, stream, prefix, patienceMs }) => {
      const [wanted, also, other] = ['wanted', 'also', 'other'].map((type) => `${prefix}${type}`)
      const types = [wanted ?? '', also ?? '']
      const mixed = [wanted, other, also, `${wanted}-longer`].map((type) => newEvent(type ?? ''))
      const { position } = await store.append(stream, [newEvent('first')], { expected: 'any' })
      await store.append(stream, mixed, { expected: 'any' })
      await probing(store.subscribe({ types, after: position }), patienceMs, async (probe) => {
        await probe.received(2)
        await store.append(
          stream,
          mixed.map(({ type }) => newEvent(type)),
          { expected: 'any' },
        )
        await probe.received(4)
        assert.deepEqual(
          probe.events.map(({ type }) => type),
          [wanted, also, wanted, also],
        )
      })
    },
  },
  {
    name: 'yields only streams with one of the prefixes, also when they come live',
    run: async ({ store, streamNamed, prefix, patienceMs }) => {
      const write = async (): Promise<void> => {
        for (const id of ['a1', 'b1', 'c1', 'a2'])
          await store.append(streamNamed(id), newEvents(1), { expected: 'any' })
      }
      const subscription = store.subscribe({ streamPrefixes: [`${prefix}a`, `${prefix}c1`] })
      await write()
      await probing(subscription, patienceMs, async (probe) => {
        await probe.received(3)
        await write()
        await probe.received(6)
        const expected = ['a1', 'c1', 'a2', 'a1', 'c1', 'a2'].map((id) => `${prefix}${id}`)
        assert.deepEqual(
          probe.events.map(({ stream }) => stream),
          expected,
        )
      })
    },
  },
  {
    name: 'follows one stream after a revision, exclusive',
    run: async ({ store, stream, streamNamed, patienceMs }) => {
      await store.append(stream, newEvents(4), { expected: 'no-stream' })
      await store.append(streamNamed('other'), newEvents(4), { expected: 'no-stream' })
      await probing(store.subscribe({ stream, afterRevision: 1n }), patienceMs, async (probe) => {
        await probe.received(2)
        await store.append(stream, newEvents(1, 'numbered', 4), { expected: 3n })
        await probe.received(3)
        assert.deepEqual(numbersOf(probe.events), [2, 3, 4])
      })
    },
  },
  {
    name: 'follows one stream from its start, also before it exists',
    run: async ({ store, stream, patienceMs }) => {
      await probing(store.subscribe({ stream }), patienceMs, async (probe) => {
        await store.append(stream, newEvents(2), { expected: 'no-stream' })
        await store.append(stream, newEvents(1, 'numbered', 2), { expected: 1n })
        await probe.received(3)
        assert.deepEqual(numbersOf(probe.events), [0, 1, 2])
      })
    },
  },
  {
    name: 'never yields types with a leading "$"',
    run: async ({ store, stream, prefix, patienceMs }) => {
      const batch = (): readonly ReturnType<typeof newEvent>[] =>
        ['first', '$hidden', 'last'].map((type) => newEvent(type))
      await store.append(stream, batch(), { expected: 'no-stream' })
      await probing(store.subscribe({ streamPrefixes: [prefix] }), patienceMs, async (probe) => {
        await probe.received(2)
        await store.append(stream, batch(), { expected: 2n })
        await probe.received(4)
        assert.deepEqual(
          probe.events.map(({ type }) => type),
          ['first', 'last', 'first', 'last'],
        )
      })
    },
  },
]

const positionCases: readonly ContractCase<EventStoreSubject>[] = [
  {
    name: 'says when it caught up, also where nothing matches',
    run: async ({ store, stream, prefix, patienceMs }) => {
      const { position } = await store.append(stream, newEvents(2), { expected: 'no-stream' })
      const subscription = store.subscribe({ types: [`${prefix}none`], after: position })
      await probing(subscription, patienceMs, async (probe) => {
        await probe.caughtUp()
        assert.deepEqual(probe.events, [])
        assert.equal(subscription.state, 'live')
      })
    },
  },
  {
    name: 'says that it caught up only after everything that was there',
    run: async ({ store, stream, prefix, patienceMs }) => {
      for (const first of [0, 500, 1000])
        await store.append(stream, newEvents(500, 'numbered', first), { expected: 'any' })
      await probing(store.subscribe({ streamPrefixes: [prefix] }), patienceMs, async (probe) => {
        await probe.caughtUp()
        const first = probe.batches.findIndex(({ isCaughtUp }) => isCaughtUp)
        const before = probe.batches.slice(0, first + 1).flatMap(({ events }) => events)
        assert.deepEqual(numbersOf(before), upTo(1500))
      })
    },
  },
  {
    name: 'moves its position past events it does not ask for',
    run: async ({ store, stream, prefix, patienceMs }) => {
      const { position } = await store.append(stream, newEvents(1), { expected: 'no-stream' })
      const unrelated = await store.append(stream, newEvents(50), { expected: 0n })
      const subscription = store.subscribe({ types: [`${prefix}none`], after: position })
      await probing(subscription, patienceMs, async (probe) => {
        await probe.until(
          `a position of at least ${unrelated.position}`,
          (seen) => seen.position !== undefined && seen.position >= unrelated.position,
        )
        const later = await store.append(stream, newEvents(1), { expected: 50n })
        // A server may report a position only once in many events, so many are given to it.
        const feed = upTo(40).map(() => store.append(stream, newEvents(100), { expected: 'any' }))
        await Promise.all(feed)
        await probe.until(
          `a position of at least ${later.position}`,
          (seen) => seen.position !== undefined && seen.position >= later.position,
        )
        assert.deepEqual(probe.events, [])
      })
    },
  },
  {
    name: 'ends its loop when stopped, at work and at rest, once and again',
    run: async ({ store, stream, prefix, patienceMs }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      const subscription = store.subscribe({ streamPrefixes: [prefix] })
      await probing(subscription, patienceMs, async (probe) => {
        await probe.received(3)
        await probe.caughtUp()
        await subscription.stop()
        await subscription.stop()
        await probe.ended()
        assert.equal(subscription.state, 'stopped')
        await store.append(stream, newEvents(1), { expected: 2n })
        assert.equal(probe.events.length, 3)
      })
    },
  },
  {
    name: 'stops when its loop is left',
    run: async ({ store, stream, prefix, patienceMs }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      const subscription = store.subscribe({ streamPrefixes: [prefix] })
      const leave = async (): Promise<void> => {
        for await (const { events } of subscription) if (events.length > 0) return
      }
      await within(patienceMs, 'an event', leave())
      assert.equal(subscription.state, 'stopped')
    },
  },
  {
    name: 'tells each change of its state: live after catching up, stopped at last',
    run: async ({ store, stream, prefix, patienceMs }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      const states: string[] = ['connecting']
      const subscription = store.subscribe({
        streamPrefixes: [prefix],
        onStateChange: ({ from, to }) => {
          assert.equal(from, states.at(-1))
          states.push(to)
        },
      })
      await probing(subscription, patienceMs, (probe) => probe.caughtUp())
      assert.ok(states.indexOf('catching-up') > 0)
      assert.ok(states.indexOf('live') > states.indexOf('catching-up'))
      assert.equal(states.at(-1), 'stopped')
    },
  },
]

/** Catching up, following, resuming. Prefix filters keep other cases' events out. */
export const subscribeCases: readonly ContractCase<EventStoreSubject>[] = [
  {
    name: 'yields what is there and then what comes, each once and in order',
    run: async ({ store, stream, prefix, patienceMs }) => {
      await store.append(stream, newEvents(300), { expected: 'no-stream' })
      const subscription = store.subscribe({ streamPrefixes: [prefix] })
      await probing(subscription, patienceMs, async (probe) => {
        // One by one and without waiting for the subscription: some fall on the switch to live.
        for (const n of upTo(200, 300))
          await store.append(stream, [newEvent('numbered', { n })], { expected: BigInt(n - 1) })
        await probe.received(500)
        await store.append(stream, newEvents(1, 'numbered', 500), { expected: 499n })
        await probe.received(501)
        assert.deepEqual(numbersOf(probe.events), upTo(501))
      })
    },
  },
  {
    name: 'yields the events of racing writers each once, in the order of positions',
    run: async ({ store, streamNamed, prefix, patienceMs }) => {
      const write = async (id: string): Promise<void> => {
        for (const n of upTo(40))
          await store.append(streamNamed(id), [newEvent('numbered', { n })], { expected: 'any' })
      }
      const writers = upTo(5).map((writer) => write(`writer-${writer}`))
      await probing(store.subscribe({ streamPrefixes: [prefix] }), patienceMs, async (probe) => {
        await Promise.all(writers)
        await probe.received(200)
        const positions = probe.events.map(({ position }) => position)
        assert.equal(positions.length, 200)
        assert.ok(positions.every((at, index) => index === 0 || at > (positions[index - 1] ?? at)))
      })
    },
  },
  {
    name: 'resumes after a position, exclusive',
    run: async ({ store, stream, prefix, patienceMs }) => {
      const { position } = await store.append(stream, newEvents(3), { expected: 'no-stream' })
      await store.append(stream, newEvents(2, 'numbered', 3), { expected: 2n })
      const subscription = store.subscribe({ streamPrefixes: [prefix], after: position })
      await probing(subscription, patienceMs, async (probe) => {
        await probe.received(2)
        await store.append(stream, newEvents(1, 'numbered', 5), { expected: 4n })
        await probe.received(3)
        assert.deepEqual(numbersOf(probe.events), [3, 4, 5])
      })
    },
  },
  {
    name: 'yields exactly the rest when resumed from the position of a batch',
    run: async ({ store, stream, prefix, patienceMs }) => {
      for (const first of [0, 600, 1200])
        await store.append(stream, newEvents(600, 'numbered', first), { expected: 'any' })
      const seen: number[] = []
      let after: bigint | undefined
      while (seen.length < 1800) {
        const from = after === undefined ? {} : { after }
        const subscription = store.subscribe({ streamPrefixes: [prefix], ...from })
        await probing(subscription, patienceMs, async (probe) => {
          await probe.received(1)
          await subscription.stop()
          await probe.ended()
          seen.push(...numbersOf(probe.events))
          after = probe.position
        })
      }
      assert.deepEqual(seen, upTo(1800))
    },
  },
  ...filterCases,
  ...positionCases,
  {
    name: 'keeps every event for a slow consumer, in order',
    run: async ({ store, stream, prefix, patienceMs }) => {
      const text = 'x'.repeat(1000)
      await store.append(stream, newEvents(1), { expected: 'no-stream' })
      // While the consumer is busy with its first batch, far more comes than any buffer holds.
      const fill = async (): Promise<void> => {
        for (let first = 1; first < 3000; first += 250) {
          const numbers = upTo(Math.min(250, 3000 - first), first)
          const large = numbers.map((n) => newEvent('numbered', { n, text }))
          await store.append(stream, large, { expected: BigInt(first - 1) })
        }
      }
      const consume = async (): Promise<readonly number[]> => {
        const seen: number[] = []
        let filled: Promise<void> | undefined
        for await (const { events } of store.subscribe({ streamPrefixes: [prefix] })) {
          await (filled ??= fill())
          seen.push(...numbersOf(events))
          if (seen.length >= 3000) break
        }
        return seen
      }
      assert.deepEqual(await within(patienceMs, 'a slow consumer', consume()), upTo(3000))
    },
  },
]
