import { pause } from '../bus/pause.ts'
import type { Lease, LeaseStore } from './lease-store.ts'

/** Options of {@link holdLease}. */
export interface HoldLeaseOptions {
  readonly name: string
  readonly owner: string
  readonly ttlMs: number
  /** Ends the waiting. */
  readonly signal: AbortSignal
  /** Another holds the lease; called once when the waiting starts. */
  readonly onStandby: () => void
  /** The lease was lost: stop the work at once. */
  readonly onLost: () => void
  /** The lease was extended: the time to look around. */
  readonly onRenewed: () => Promise<void>
}

/** A lease that renews itself until released. */
export interface HeldLease {
  release(): Promise<void>
}

/** Waits for a lease and keeps it. Undefined when the signal was raised first. */
export async function holdLease(
  store: LeaseStore,
  options: HoldLeaseOptions,
): Promise<HeldLease | undefined> {
  const { name, owner, ttlMs, signal } = options
  let isWaiting = false
  while (!signal.aborted) {
    const lease = await store.acquire(name, owner, ttlMs)
    if (lease) return keep(store, lease, options)
    if (!isWaiting) options.onStandby()
    isWaiting = true
    await pause(ttlMs / 5, signal)
  }
  return undefined
}

function keep(
  store: LeaseStore,
  lease: Lease,
  { ttlMs, onLost, onRenewed }: HoldLeaseOptions,
): HeldLease {
  let renewing: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    renewing = store
      .renew(lease, ttlMs)
      .then((isHeld) => (isHeld ? onRenewed() : onLost()))
      // A store that is away for a while is found by the writer too, and its checkpoint fences.
      .catch(() => undefined)
  }, ttlMs / 3)
  timer.unref()
  return {
    release: async () => {
      clearInterval(timer)
      await renewing
      await store.release(lease).catch(() => undefined)
    },
  }
}
