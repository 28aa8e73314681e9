import assert from 'node:assert/strict'
import type { Lease, LeaseStore } from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'
import type { LeaseStoreSubject } from './lease-store-subject.ts'

const longMs = 600_000

const acquire: readonly ContractCase<LeaseStoreSubject>[] = [
  {
    name: 'gives a free lease to who asks',
    run: async ({ store, name }) => {
      const lease = await taken(store, name, 'a', longMs)
      assert.equal(lease.name, name)
      assert.equal(lease.owner, 'a')
    },
  },
  {
    name: 'refuses a held lease to everybody else',
    run: async ({ store, name }) => {
      await taken(store, name, 'a', longMs)
      assert.equal(await store.acquire(name, 'b', longMs), undefined)
    },
  },
  {
    name: 'gives a lease to one of many racing owners',
    run: async ({ store, name }) => {
      const owners = Array.from({ length: 10 }, (_, index) => `owner-${index}`)
      const leases = await Promise.all(owners.map((owner) => store.acquire(name, owner, longMs)))
      const winners = leases.filter((lease) => lease !== undefined)
      assert.equal(winners.length, 1, `${winners.length} owners hold the lease`)
    },
  },
  {
    name: 'gives a lease that ran out to another, with a higher epoch',
    run: async ({ store, name, ttlMs, elapse }) => {
      const first = await taken(store, name, 'a', ttlMs)
      await elapse(ttlMs + 1)
      const second = await taken(store, name, 'b', longMs)
      assert.ok(second.epoch > first.epoch, `epoch ${second.epoch} after ${first.epoch}`)
    },
  },
  {
    name: 'gives a lease that ran out to one of many racing owners',
    run: async ({ store, name, ttlMs, elapse }) => {
      await taken(store, name, 'a', ttlMs)
      await elapse(ttlMs + 1)
      const owners = Array.from({ length: 10 }, (_, index) => `owner-${index}`)
      const leases = await Promise.all(owners.map((owner) => store.acquire(name, owner, longMs)))
      assert.equal(leases.filter((lease) => lease !== undefined).length, 1)
    },
  },
  {
    name: 'gives its owner a held lease again, for another ttl and with no lower epoch',
    run: async ({ store, name, ttlMs, elapse }) => {
      const first = await taken(store, name, 'a', ttlMs)
      const again = await taken(store, name, 'a', longMs)
      assert.ok(again.epoch >= first.epoch)
      await elapse(ttlMs + 1)
      assert.equal(await store.acquire(name, 'b', longMs), undefined)
    },
  },
  {
    name: 'keeps leases of different names apart',
    run: async ({ store, name }) => {
      await taken(store, name, 'a', longMs)
      await taken(store, `${name}-other`, 'b', longMs)
    },
  },
]

const renew: readonly ContractCase<LeaseStoreSubject>[] = [
  {
    name: 'makes a held lease last longer',
    run: async ({ store, name, ttlMs, elapse }) => {
      const lease = await taken(store, name, 'a', ttlMs)
      assert.equal(await store.renew(lease, longMs), true)
      await elapse(ttlMs + 1)
      assert.equal(await store.acquire(name, 'b', longMs), undefined)
      assert.equal(await store.renew(lease, longMs), true)
    },
  },
  {
    name: 'tells an owner that lost its lease, and leaves it to the new one',
    run: async ({ store, name, ttlMs, elapse }) => {
      const lost = await taken(store, name, 'a', ttlMs)
      await elapse(ttlMs + 1)
      const held = await taken(store, name, 'b', longMs)
      assert.equal(await store.renew(lost, longMs), false)
      assert.equal(await store.renew(held, longMs), true)
      assert.equal(await store.acquire(name, 'a', longMs), undefined)
    },
  },
  {
    name: 'tells an owner whose lease was lost and won back by its own successor of the same name',
    run: async ({ store, name, ttlMs, elapse }) => {
      const lost = await taken(store, name, 'a', ttlMs)
      await elapse(ttlMs + 1)
      await store.release(await taken(store, name, 'b', longMs))
      await taken(store, name, 'a', longMs)
      assert.equal(await store.renew(lost, longMs), false)
    },
  },
  {
    name: 'refuses a lease that was given back',
    run: async ({ store, name }) => {
      const lease = await taken(store, name, 'a', longMs)
      await store.release(lease)
      assert.equal(await store.renew(lease, longMs), false)
    },
  },
]

const release: readonly ContractCase<LeaseStoreSubject>[] = [
  {
    name: 'lets another take the lease at once, with a higher epoch',
    run: async ({ store, name }) => {
      const first = await taken(store, name, 'a', longMs)
      await store.release(first)
      const second = await taken(store, name, 'b', longMs)
      assert.ok(second.epoch > first.epoch, `epoch ${second.epoch} after ${first.epoch}`)
    },
  },
  {
    name: 'does nothing when the lease was lost already',
    run: async ({ store, name, ttlMs, elapse }) => {
      const lost = await taken(store, name, 'a', ttlMs)
      await elapse(ttlMs + 1)
      const held = await taken(store, name, 'b', longMs)
      await store.release(lost)
      assert.equal(await store.acquire(name, 'c', longMs), undefined)
      assert.equal(await store.renew(held, longMs), true)
    },
  },
  {
    name: 'may be called again',
    run: async ({ store, name }) => {
      const lease = await taken(store, name, 'a', longMs)
      await store.release(lease)
      await store.release(lease)
      await taken(store, name, 'b', longMs)
    },
  },
]

const held: readonly ContractCase<LeaseStoreSubject>[] = [
  {
    name: 'returns the leases that are held under a prefix, by name, and no others',
    run: async ({ store, name }) => {
      const leases = [
        await taken(store, `${name}/b`, 'x', longMs),
        await taken(store, `${name}/a`, 'y', longMs),
        await taken(store, `${name}/B`, 'y', longMs),
        await taken(store, name, 'z', longMs),
      ]
      await taken(store, `other ${name}/c`, 'x', longMs)
      const [b, a, upper, whole] = leases
      assert.deepEqual(await store.held(`${name}/`), [upper, a, b])
      assert.deepEqual(await store.held(name), [whole, upper, a, b])
      assert.deepEqual(await store.held(`${name}/a/`), [])
    },
  },
  {
    name: 'leaves out leases that ran out or were given back',
    run: async ({ store, name, ttlMs, elapse }) => {
      await taken(store, `${name}/out`, 'x', ttlMs)
      const renewed = await taken(store, `${name}/renewed`, 'x', ttlMs)
      await store.renew(renewed, longMs)
      await store.release(await taken(store, `${name}/back`, 'x', longMs))
      await elapse(ttlMs + 1)
      assert.deepEqual(await store.held(name), [renewed])
      const again = await taken(store, `${name}/out`, 'y', longMs)
      assert.deepEqual(await store.held(name), [again, renewed])
    },
  },
  {
    name: 'takes a prefix as it is written, not for a pattern',
    run: async ({ store, name }) => {
      const prefix = `${name}.*(x$[`
      const lease = await taken(store, `${prefix}1`, 'x', longMs)
      await taken(store, `${name}--(x$[1`, 'x', longMs)
      assert.deepEqual(await store.held(prefix), [lease])
      const last = await taken(store, `${prefix}\u{10ffff}`, 'x', longMs)
      assert.deepEqual(await store.held(prefix), [lease, last])
    },
  },
]

/** What every {@link LeaseStore} promises. */
export const leaseStoreContract = { acquire, renew, held, release } satisfies ContractSuite<
  LeaseStore,
  LeaseStoreSubject
>

async function taken(
  store: LeaseStore,
  name: string,
  owner: string,
  ttlMs: number,
): Promise<Lease> {
  const lease = await store.acquire(name, owner, ttlMs)
  assert.ok(lease, `${owner} could not take a lease that nobody holds`)
  return lease
}
