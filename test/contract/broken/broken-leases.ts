import type { Lease, LeaseStore } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'

const longMs = 600_000

/** Faults of a lease store. */
export const brokenLeases: readonly BrokenStore<LeaseStore>[] = [
  {
    fault: 'gives a held lease to a second owner',
    caughtBy: 'acquire refuses a held lease to everybody else',
    breaks: (store) => ({
      acquire: async (name, owner, ttlMs) =>
        (await store.acquire(name, owner, ttlMs)) ?? { name, owner, epoch: 99n },
    }),
  },
  {
    fault: 'looks who holds a lease before it takes it, not while it takes it',
    caughtBy: 'acquire gives a lease to one of many racing owners',
    breaks: (store) => {
      const held = new Map<string, Lease>()
      return {
        acquire: async (name, owner, ttlMs) => {
          const isFree = !held.has(name)
          await Promise.resolve()
          if (!isFree) return store.acquire(name, owner, ttlMs)
          const lease = (await store.acquire(name, owner, ttlMs)) ?? { name, owner, epoch: 1n }
          held.set(name, lease)
          return lease
        },
      }
    },
  },
  {
    fault: 'refuses its owner a lease it holds',
    caughtBy: 'acquire gives its owner a held lease again, for another ttl and with no lower epoch',
    breaks: (store) => {
      const held = new Set<string>()
      return {
        acquire: async (name, owner, ttlMs) => {
          if (held.has(name + owner)) return undefined
          held.add(name + owner)
          return store.acquire(name, owner, ttlMs)
        },
      }
    },
  },
  {
    fault: 'lets no lease run out',
    caughtBy: 'acquire gives a lease that ran out to another, with a higher epoch',
    breaks: (store) => ({ acquire: (name, owner) => store.acquire(name, owner, longMs) }),
  },
  {
    fault: 'lets a lease run out when its owner takes it again',
    caughtBy: 'acquire gives its owner a held lease again, for another ttl and with no lower epoch',
    breaks: (store) => {
      const ttls = new Map<string, number>()
      return {
        acquire: (name, owner, ttlMs) => {
          const first = ttls.get(name + owner) ?? ttlMs
          ttls.set(name + owner, first)
          return store.acquire(name, owner, first)
        },
      }
    },
  },
  {
    fault: 'never raises the epoch',
    caughtBy: 'acquire gives a lease that ran out to another, with a higher epoch',
    breaks: (store) => ({
      acquire: async (...call) => {
        const lease = await store.acquire(...call)
        return lease && { ...lease, epoch: 1n }
      },
    }),
  },
  {
    fault: 'has one lease for all names',
    caughtBy: 'acquire keeps leases of different names apart',
    breaks: (store) => ({
      acquire: async (name, owner, ttlMs) => {
        const lease = await store.acquire('the one', owner, ttlMs)
        return lease && { ...lease, name }
      },
      renew: (lease, ttlMs) => store.renew({ ...lease, name: 'the one' }, ttlMs),
      release: (lease) => store.release({ ...lease, name: 'the one' }),
    }),
  },
  {
    fault: 'renews what was lost',
    caughtBy: 'renew tells an owner that lost its lease, and leaves it to the new one',
    breaks: (store) => ({
      renew: async (lease, ttlMs) => {
        await store.renew(lease, ttlMs)
        return true
      },
    }),
  },
  {
    fault: 'says that it renewed, and does not',
    caughtBy: 'renew makes a held lease last longer',
    breaks: () => ({ renew: async () => true }),
  },
  {
    fault: 'knows an owner by name, not by epoch',
    caughtBy:
      'renew tells an owner whose lease was lost and won back by its own successor of the same name',
    breaks: (store) => {
      const newest = new Map<string, Lease>()
      return {
        acquire: async (...call) => {
          const lease = await store.acquire(...call)
          if (lease) newest.set(lease.name, lease)
          return lease
        },
        renew: (lease, ttlMs) => {
          const held = newest.get(lease.name)
          return store.renew(held?.owner === lease.owner ? held : lease, ttlMs)
        },
      }
    },
  },
  {
    fault: 'keeps a lease that was given back',
    caughtBy: 'release lets another take the lease at once, with a higher epoch',
    breaks: () => ({ release: async () => undefined }),
  },
  {
    fault: 'starts epochs again when a lease was given back',
    caughtBy: 'release lets another take the lease at once, with a higher epoch',
    breaks: (store) => {
      const released = new Map<string, bigint>()
      return {
        acquire: async (...call) => {
          const lease = await store.acquire(...call)
          return lease && { ...lease, epoch: lease.epoch - (released.get(lease.name) ?? 0n) }
        },
        release: async (lease) => {
          released.set(lease.name, lease.epoch)
          await store.release(lease)
        },
      }
    },
  },
  {
    fault: 'lets anybody give a lease back',
    caughtBy: 'release does nothing when the lease was lost already',
    breaks: (store) => {
      const newest = new Map<string, Lease>()
      return {
        acquire: async (...call) => {
          const lease = await store.acquire(...call)
          if (lease) newest.set(lease.name, lease)
          return lease
        },
        release: (lease) => store.release(newest.get(lease.name) ?? lease),
      }
    },
  },
  {
    fault: 'lists leases that ran out',
    caughtBy: 'held leaves out leases that ran out or were given back',
    breaks: (store) => {
      const known = new Map<string, Lease>()
      return {
        acquire: async (...call) => {
          const lease = await store.acquire(...call)
          if (lease) known.set(lease.name, lease)
          return lease
        },
        release: async (lease) => {
          known.delete(lease.name)
          await store.release(lease)
        },
        held: async (prefix) =>
          [...known.values()]
            .filter(({ name }) => name.startsWith(prefix))
            .sort((a, b) => (a.name < b.name ? -1 : 1)),
      }
    },
  },
  {
    fault: 'takes a prefix for a pattern',
    caughtBy: 'held takes a prefix as it is written, not for a pattern',
    breaks: (store) => ({
      held: async (prefix) => {
        const pattern = new RegExp(`^${prefix}`)
        return (await store.held('')).filter(({ name }) => pattern.test(name))
      },
    }),
  },
  {
    fault: 'ends the names of a prefix at a character',
    caughtBy: 'held takes a prefix as it is written, not for a pattern',
    breaks: (store) => ({
      held: async (prefix) =>
        (await store.held(prefix)).filter(({ name }) => !name.startsWith(`${prefix}\u{10ffff}`)),
    }),
  },
  {
    fault: 'finds a prefix anywhere in a name',
    caughtBy: 'held returns the leases that are held under a prefix, by name, and no others',
    breaks: (store) => ({
      held: async (prefix) => (await store.held('')).filter(({ name }) => name.includes(prefix)),
    }),
  },
  {
    fault: 'lists leases in no order',
    caughtBy: 'held returns the leases that are held under a prefix, by name, and no others',
    breaks: (store) => ({ held: async (prefix) => (await store.held(prefix)).toReversed() }),
  },
]
