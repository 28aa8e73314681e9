import { ServerError } from '../errors/server-error.ts'
import type { Engine } from '../store/engine.ts'
import { SnapshotView } from '../store/read-view.ts'
import type { Snapshot } from '../store/version-history.ts'

/** Snapshots are held this long after their last use, as the server's history window. */
const WINDOW_MS = 300_000

/** Reads with `readConcern: snapshot` outside of transactions: several commands see one moment. */
export class SnapshotReads {
  readonly #held = new Map<bigint, { readonly snapshot: Snapshot; lastUsed: number }>()

  constructor(private readonly engine: Engine) {}

  /**
   * The view of a moment, or of now.
   *
   * @throws {ServerError} The moment is not held any more.
   */
  view(atClusterTime: bigint | undefined): SnapshotView {
    const ts = atClusterTime ?? this.engine.clock.last
    const held = this.#held.get(ts)
    if (!held && ts < this.engine.clock.last) {
      throw new ServerError(
        'SnapshotTooOld',
        `Read timestamp ${ts} is older than the oldest available timestamp.`,
      )
    }
    const snapshot = held?.snapshot ?? this.engine.versions.hold(ts)
    this.#held.set(ts, { snapshot, lastUsed: Date.now() })
    return new SnapshotView(this.engine.rows, this.engine.versions, ts, () => undefined)
  }

  /** Lets go of moments nobody asked for lately. */
  expire(now: number): void {
    for (const [ts, { snapshot, lastUsed }] of this.#held) {
      if (now - lastUsed < WINDOW_MS) continue
      this.#held.delete(ts)
      this.engine.versions.release(snapshot)
    }
  }
}
