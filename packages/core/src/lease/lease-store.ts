/** The right of one owner to do a piece of work, until it expires. */
export interface Lease {
  readonly name: string
  readonly owner: string
  /** Grows with each change of owner; a write with a lower epoch comes from an owner that lost its lease. */
  readonly epoch: bigint
}

/** Hands out work to at most one living owner at a time, across processes. Time is the store's own. */
export interface LeaseStore {
  /**
   * Takes a free, expired or already owned lease.
   *
   * @param ttlMs How long it lasts without {@link renew}, in milliseconds.
   * @returns The lease, or undefined while somebody else holds it.
   */
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>

  /** Extends a lease. False: it was lost, stop the work at once. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>

  /** Returns the leases that are held now and whose names begin with a prefix, by name. */
  held(prefix: string): Promise<readonly Lease[]>

  /** Gives a lease back, so that another can take it at once. Does nothing when it was lost already. */
  release(lease: Lease): Promise<void>
}
