import { type Clock, type Lease, type LeaseStore, systemClock } from '@varve/core'
import { compareText } from '../compare-text.ts'

/** Options of {@link InMemoryLeaseStore}. */
export interface InMemoryLeaseStoreOptions {
  /** The store's own time. Default: the machine's clock. */
  readonly clock?: Clock
}

interface HeldLease extends Lease {
  readonly expiresAt: number
}

/**
 * The lease store in memory: the fast target of tests, and the smallest example of writing one.
 *
 * A lease that ran out or was given back is kept for its epoch, which grows at each new start.
 */
export class InMemoryLeaseStore implements LeaseStore {
  readonly #leases = new Map<string, HeldLease>()
  readonly #clock: Clock

  constructor(options: InMemoryLeaseStoreOptions = {}) {
    this.#clock = options.clock ?? systemClock
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    const last = this.#leases.get(name)
    const now = this.#clock.now().getTime()
    const isHeld = last !== undefined && last.expiresAt > now
    if (isHeld && last.owner !== owner) return undefined
    const epoch = isHeld ? last.epoch : (last?.epoch ?? 0n) + 1n
    this.#leases.set(name, { name, owner, epoch, expiresAt: now + ttlMs })
    return { name, owner, epoch }
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    const now = this.#clock.now().getTime()
    if (!this.#isHeld(lease, now)) return false
    this.#leases.set(lease.name, { ...lease, expiresAt: now + ttlMs })
    return true
  }

  async held(prefix: string): Promise<readonly Lease[]> {
    const now = this.#clock.now().getTime()
    return [...this.#leases.values()]
      .filter(({ name, expiresAt }) => name.startsWith(prefix) && expiresAt > now)
      .map(({ name, owner, epoch }) => ({ name, owner, epoch }))
      .sort((a, b) => compareText(a.name, b.name))
  }

  async release(lease: Lease): Promise<void> {
    const now = this.#clock.now().getTime()
    if (this.#isHeld(lease, now)) this.#leases.set(lease.name, { ...lease, expiresAt: now })
  }

  #isHeld({ name, owner, epoch }: Lease, now: number): boolean {
    const last = this.#leases.get(name)
    return last?.owner === owner && last.epoch === epoch && last.expiresAt > now
  }
}
