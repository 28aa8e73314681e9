import type { IdGenerator } from '../../environment/id-generator.ts'
import type { LeaseStore } from '../../lease/lease-store.ts'
import { RebuildLostError, RebuildRunningError } from '../projection-errors.ts'
import { startHeartbeat } from '../share/heartbeat.ts'

/** What keeps rebuilds of one projection apart. */
export interface RebuildAloneOptions {
  readonly projection: string
  readonly leases: LeaseStore
  readonly ids: IdGenerator
  /** How long a process that died keeps others from rebuilding, in milliseconds. */
  readonly leaseMs: number
  readonly signals: readonly AbortSignal[]
}

/**
 * Runs a rebuild while no other one of the projection runs, here or in another process.
 *
 * @param rebuild Its signal is raised with any of `signals`, or when the lease is lost.
 * @throws {RebuildRunningError}
 * @throws {RebuildLostError} The lease was lost: another process goes on with the rebuild.
 */
export async function rebuildAlone<Result>(
  { projection, leases, ids, leaseMs, signals }: RebuildAloneOptions,
  rebuild: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const name = `rebuild:${projection}`
  const owner = ids.next()
  const taken = await leases.acquire(name, owner, leaseMs)
  if (!taken) throw new RebuildRunningError(projection)
  let lease = taken
  const lost = new AbortController()
  const heart = startHeartbeat(leaseMs / 3, async () => {
    try {
      if (lost.signal.aborted || (await leases.renew(lease, leaseMs))) return
      // A lease that ran out while the store was busy, and that nobody took, is taken again.
      const again = await leases.acquire(name, owner, leaseMs)
      if (again) lease = again
      else lost.abort(new RebuildLostError(projection))
    } catch {
      // Whoever takes over while the lease store is away takes the checkpoints, too, and this one is refused.
    }
  })
  try {
    return await rebuild(AbortSignal.any([...signals, lost.signal]))
  } finally {
    await heart.stop()
    await leases.release(lease).catch(() => undefined)
  }
}
