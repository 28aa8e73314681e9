import type { IdGenerator } from '../../environment/id-generator.ts'
import type { LeaseStore } from '../../lease/lease-store.ts'
import { RebuildLostError, RebuildRunningError } from '../projection-errors.ts'

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
  const lease = await leases.acquire(`rebuild:${projection}`, ids.next(), leaseMs)
  if (!lease) throw new RebuildRunningError(projection)
  const lost = new AbortController()
  const renewing = setInterval(() => {
    leases.renew(lease, leaseMs).then(
      (isHeld) => {
        if (!isHeld) lost.abort(new RebuildLostError(projection))
      },
      // Whoever takes over while the lease store is away takes the checkpoints, too, and this one is refused.
      () => undefined,
    )
  }, leaseMs / 3)
  try {
    return await rebuild(AbortSignal.any([...signals, lost.signal]))
  } finally {
    clearInterval(renewing)
    await leases.release(lease).catch(() => undefined)
  }
}
