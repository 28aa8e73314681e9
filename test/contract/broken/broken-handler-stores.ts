import type { HandledEventStore, HandlerProgress, HandlerProgressStore } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'

/** Faults of a handler progress store. */
export const brokenProgress: readonly BrokenStore<HandlerProgressStore>[] = [
  {
    fault: 'keeps positions as JavaScript numbers',
    caughtBy: 'read returns what was stored last, positions to the last digit',
    breaks: (store) => ({
      advance: (from, position) => store.advance(from, BigInt(Number(position))),
    }),
  },
  {
    fault: 'has one record for all handlers',
    caughtBy: 'read keeps handlers apart',
    breaks: (store) => ({
      open: (_handler, position) => store.open('the one', position),
      read: async (handler) => {
        const found = await store.read('the one')
        return found && { ...found, handler }
      },
    }),
  },
  {
    fault: 'opens a handler anew that is open',
    caughtBy: 'open leaves a record that is there as it is',
    breaks: (store) => ({
      open: async (handler, position) => {
        const found = await store.read(handler)
        if (found) await store.move(handler, position)
        else await store.open(handler, position)
      },
    }),
  },
  {
    fault: 'opens every handler at the first event',
    caughtBy: 'open makes a record at the position, which is also the furthest',
    breaks: (store) => ({ open: (handler) => store.open(handler, undefined) }),
  },
  {
    fault: 'takes a handler without raising the epoch',
    caughtBy: 'take raises the epoch and keeps everything else',
    breaks: (store) => ({
      take: async (handler) => (await store.read(handler)) ?? store.take(handler),
    }),
  },
  {
    fault: 'forgets that a handler is paused when it is taken',
    caughtBy: 'take raises the epoch and keeps everything else',
    breaks: (store) => ({
      take: async (handler) => {
        await store.setPaused(handler, false)
        return store.take(handler)
      },
    }),
  },
  {
    fault: 'moves a handler for whoever has lost it',
    caughtBy: 'advance refuses an older epoch, and changes nothing',
    breaks: (store) => ({
      advance: async (from, position) => {
        const { epoch } = (await store.read(from.handler)) ?? from
        return store.advance({ ...from, epoch }, position)
      },
    }),
  },
  {
    fault: 'looks at the epoch only, and not at the position',
    caughtBy: 'advance refuses another position than the stored one, and changes nothing',
    breaks: (store) => ({
      advance: async (from, position) => {
        const found = await store.read(from.handler)
        return store.advance({ ...from, position: found?.position }, position)
      },
    }),
  },
  {
    fault: 'refuses a call that comes again',
    caughtBy: 'advance succeeds without effect when it is called again',
    breaks: (store) => {
      const made = new Set<string>()
      return {
        advance: async (from, position) => {
          const call = `${from.handler}/${from.epoch}/${position}`
          const isRepeated = made.has(call)
          made.add(call)
          return store.advance(isRepeated ? { ...from, epoch: from.epoch - 1n } : from, position)
        },
      }
    },
  },
  {
    fault: 'looks where a handler is before it moves it, not while it does',
    caughtBy: 'advance lets one of many win that race to different positions',
    breaks: (store) => ({
      advance: async (from, position) => {
        const found = await store.read(from.handler)
        if (found?.epoch !== from.epoch || found.position !== from.position)
          return store.advance(from, position)
        for (let now = found; ; now = (await store.read(from.handler)) ?? from)
          try {
            return await store.advance(now, position)
          } catch {
            // It was moved in between; this store does not mind.
          }
      },
    }),
  },
  {
    fault: 'makes a record for a handler that nobody opened',
    caughtBy: 'advance refuses a handler that was never opened',
    breaks: (store) => ({
      advance: async (from, position) => {
        if (await store.read(from.handler)) return store.advance(from, position)
        return store.advance(await store.take(from.handler), position)
      },
    }),
  },
  {
    fault: 'forgets how far a handler was when it is set back',
    caughtBy: 'move goes back, and remembers how far the handler was',
    breaks: (store) => ({
      move: async (handler, position) => ({
        ...(await store.move(handler, position)),
        furthest: position,
      }),
    }),
  },
  {
    fault: 'takes the furthest back with the first step on',
    caughtBy: 'move is gone on from, with the furthest as it was until it is passed',
    breaks: (store) => ({
      advance: async (from, position) => ({
        ...(await store.advance(from, position)),
        furthest: position,
      }),
    }),
  },
  {
    fault: 'moves a handler under whoever is running it',
    caughtBy: 'move has who runs the handler refused, wherever it moves',
    breaks: (store) => {
      const epochs = new Map<string, bigint>()
      const known = (progress: HandlerProgress): HandlerProgress => {
        const epoch = epochs.get(progress.handler)
        return epoch === undefined ? progress : { ...progress, epoch }
      }
      return {
        move: async (handler, position) => {
          const before = (await store.read(handler))?.epoch ?? 0n
          const moved = await store.move(handler, position)
          epochs.set(handler, before)
          return { ...moved, epoch: before }
        },
        advance: async (from, position) => {
          const now = await store.read(from.handler)
          const isOwn = epochs.get(from.handler) === from.epoch && now
          return store.advance(isOwn ? { ...from, epoch: now.epoch } : known(from), position)
        },
      }
    },
  },
  {
    fault: 'does not count moves',
    caughtBy: 'move goes back, and remembers how far the handler was',
    breaks: (store) => ({
      move: async (handler, position) => ({ ...(await store.move(handler, position)), moves: 0 }),
    }),
  },
  {
    fault: 'takes a handler away to pause it',
    caughtBy: 'setPaused does not take the handler from who runs it',
    breaks: (store) => ({
      setPaused: async (handler, isPaused) => {
        await store.setPaused(handler, isPaused)
        await store.take(handler)
      },
    }),
  },
  {
    fault: 'pauses only handlers that have run',
    caughtBy: 'setPaused opens a handler that is new, and leaves it paused',
    breaks: (store) => ({
      setPaused: async (handler, isPaused) => {
        if (await store.read(handler)) await store.setPaused(handler, isPaused)
      },
    }),
  },
]

const longMs = 600_000

/** Faults of a handled event store. */
export const brokenHandledEvents: readonly BrokenStore<HandledEventStore>[] = [
  {
    fault: 'remembers nothing',
    caughtBy: 'handled returns those of the ids that are remembered',
    breaks: () => ({ remember: async () => undefined }),
  },
  {
    fault: 'takes every id for handled once one is',
    caughtBy: 'handled returns those of the ids that are remembered',
    breaks: (store) => ({
      handled: async (consumer, ids) =>
        (await store.handled(consumer, ids)).size > 0 ? new Set(ids) : new Set(),
    }),
  },
  {
    fault: 'forgets nothing',
    caughtBy: 'handled returns no id whose window is over',
    breaks: (store) => ({ remember: (consumer, id) => store.remember(consumer, id, longMs) }),
  },
  {
    fault: 'asks for the first hundred ids only',
    caughtBy: 'handled answers for a thousand ids at once',
    breaks: (store) => ({ handled: (consumer, ids) => store.handled(consumer, ids.slice(0, 100)) }),
  },
  {
    fault: 'has one memory for all consumers',
    caughtBy: 'remember keeps consumers apart',
    breaks: (store) => ({
      handled: (_consumer, ids) => store.handled('the one', ids),
      remember: (_consumer, id, windowMs) => store.remember('the one', id, windowMs),
    }),
  },
  {
    fault: 'joins name and id to one key',
    caughtBy: 'remember keeps names and ids apart that read the same when joined',
    breaks: (store) => ({
      handled: async (consumer, ids) => {
        const found = await store.handled(
          '',
          ids.map((id) => `${consumer}:${id}`),
        )
        return new Set(ids.filter((id) => found.has(`${consumer}:${id}`)))
      },
      remember: (consumer, id, windowMs) => store.remember('', `${consumer}:${id}`, windowMs),
    }),
  },
  {
    fault: 'keeps the first window of an id',
    caughtBy: 'remember remembers an id for another window when it is remembered again',
    breaks: (store) => ({
      remember: async (consumer, id, windowMs) => {
        if (!(await store.handled(consumer, [id])).has(id))
          await store.remember(consumer, id, windowMs)
      },
    }),
  },
  {
    fault: 'fails when an id is there already',
    caughtBy: 'remember may be called for one id by many at once',
    breaks: (store) => {
      const known = new Set<string>()
      return {
        remember: async (consumer, id, windowMs) => {
          if (known.has(consumer + id)) throw new RangeError('duplicate key')
          known.add(consumer + id)
          await store.remember(consumer, id, windowMs)
        },
      }
    },
  },
  {
    fault: 'takes ids for numbers of a kind',
    caughtBy: 'remember takes any text as an id',
    breaks: (store) => ({
      remember: async (consumer, id, windowMs) => {
        if (/^\w/.test(id)) await store.remember(consumer, id, windowMs)
      },
    }),
  },
  {
    fault: 'takes a window without end for none',
    caughtBy: 'remember takes a window without end',
    breaks: (store) => ({
      remember: (consumer, id, windowMs) =>
        store.remember(consumer, id, Number.isFinite(windowMs) ? windowMs : 0),
    }),
  },
]
