/** How long an aggregate counts as written by others too, in milliseconds. */
const contestedMs = 1_000
const mostRemembered = 1_000
const shortestGapMs = 20
const longestGapMs = 100
/** How long a line goes on without a gap, and how long that gap is, in milliseconds, as long as nobody knows of others. */
const burstMs = 50
const burstGapMs = 8

interface Contest {
  until: number
  gapMs: number
}

/**
 * Remembers which aggregates other processes write as well. A process that has one in memory appends faster than
 * another can read and append, so with a long line it would win every time: it has to leave gaps. The gaps become
 * twice as long with each conflict and a little shorter with each append, as on a shared wire.
 */
export class Courtesy {
  readonly #contests = new Map<string, Contest>()
  /** When the lines that are not empty began, or had their last gap. */
  readonly #bursts = new Map<string, number>()

  /**
   * Notes that others wrote an aggregate.
   *
   * @param isConflict Whether that was between a read and the append after it: there are too many of us.
   */
  noteOthers(id: string, isConflict: boolean): void {
    const gapMs = this.#contests.get(id)?.gapMs ?? shortestGapMs
    this.#contests.delete(id)
    this.#contests.set(id, {
      until: performance.now() + contestedMs,
      gapMs: isConflict ? Math.min(longestGapMs, 2 * gapMs) : gapMs,
    })
    if (this.#contests.size <= mostRemembered) return
    for (const oldest of this.#contests.keys()) {
      this.#contests.delete(oldest)
      return
    }
  }

  /**
   * How long to leave an aggregate to others now, in milliseconds; 0: not at all. Asked between two turns.
   *
   * @param isLast Whether nobody here waits for it any more.
   */
  gapMs(id: string, isLast: boolean): number {
    if (isLast) {
      this.#bursts.delete(id)
      return 0
    }
    const now = performance.now()
    const contest = this.#contests.get(id)
    if (!contest) return this.#burstGapMs(id, now)
    if (now > contest.until) {
      this.#contests.delete(id)
      return 0
    }
    contest.gapMs = Math.max(shortestGapMs, contest.gapMs * 0.9)
    return Math.random() * contest.gapMs
  }

  /** Others may have been trying in vain all the time. */
  #burstGapMs(id: string, now: number): number {
    const since = this.#bursts.get(id)
    if (since !== undefined && now - since < burstMs) return 0
    this.#bursts.set(id, now)
    return since === undefined ? 0 : burstGapMs
  }
}
