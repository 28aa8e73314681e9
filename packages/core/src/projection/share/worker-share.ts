import type { Lease, LeaseStore } from '../../lease/lease-store.ts'
import { type SlotRange, slotsName } from '../../read-model/slots.ts'
import { planShare, type SegmentView, type ShareMove } from './plan-share.ts'

/** Options of {@link WorkerShare}. */
export interface WorkerShareOptions {
  readonly projection: string
  readonly leases: LeaseStore
  /** Name of the worker. */
  readonly owner: string
  /** How long a worker that died keeps others from going on, in milliseconds. */
  readonly ttlMs: number
  readonly isShareable: boolean
}

/** The leases of one worker: that it lives, and the segments it writes. */
export class WorkerShare {
  readonly #options: WorkerShareOptions
  readonly #prefix: string
  readonly #held = new Map<string, Lease>()

  constructor(options: WorkerShareOptions) {
    this.#options = options
    this.#prefix = `projection:${encodeURIComponent(options.projection)}/`
  }

  /** Shows the others that this worker lives. */
  async join(): Promise<void> {
    await this.#acquire(this.#workerName)
  }

  /** Gives everything back. What cannot be given back now expires. */
  async leave(): Promise<void> {
    const leases = [...this.#held.values()]
    this.#held.clear()
    await Promise.allSettled(leases.map((lease) => this.#options.leases.release(lease)))
  }

  /**
   * Extends all leases.
   *
   * @returns Whether all are held still.
   */
  async renew(): Promise<boolean> {
    const { leases, ttlMs } = this.#options
    const leasesHeld = [...this.#held.values()]
    const renewed = await Promise.all(leasesHeld.map((lease) => leases.renew(lease, ttlMs)))
    leasesHeld.forEach((lease, index) => {
      if (renewed[index] === false) this.#held.delete(lease.name)
    })
    return renewed.every(Boolean)
  }

  /** Tells whether this worker holds a segment. */
  holds(slots: SlotRange): boolean {
    return this.#held.has(this.#segmentName(slots))
  }

  /** Claims a segment. False: another was first. */
  async claim(slots: SlotRange): Promise<boolean> {
    return this.#acquire(this.#segmentName(slots))
  }

  /** Gives back the segments that are not among those that exist. */
  async keepOnly(segments: readonly SlotRange[]): Promise<void> {
    const names = new Set([this.#workerName, ...segments.map((slots) => this.#segmentName(slots))])
    for (const lease of [...this.#held.values()])
      if (!names.has(lease.name)) {
        this.#held.delete(lease.name)
        await this.#options.leases.release(lease)
      }
  }

  /** Looks how the work is shared, and says what this worker does about it. */
  async look(segments: readonly SlotRange[]): Promise<ShareMove> {
    const { leases, owner, isShareable } = this.#options
    const held = await leases.held(this.#prefix)
    const workers = held
      .filter(({ name }) => name.startsWith(`${this.#prefix}worker/`))
      .map((lease) => lease.owner)
    const holders = new Map(held.map((lease) => [lease.name, lease.owner]))
    const views: SegmentView[] = segments.map((slots) => ({
      slots,
      holder: holders.get(this.#segmentName(slots)),
    }))
    return planShare({ me: owner, workers, segments: views, isShareable })
  }

  get #workerName(): string {
    return `${this.#prefix}worker/${this.#options.owner}`
  }

  #segmentName(slots: SlotRange): string {
    return `${this.#prefix}segment/${slotsName(slots)}`
  }

  async #acquire(name: string): Promise<boolean> {
    const { leases, owner, ttlMs } = this.#options
    const lease = await leases.acquire(name, owner, ttlMs)
    if (lease) this.#held.set(name, lease)
    return lease !== undefined
  }
}
