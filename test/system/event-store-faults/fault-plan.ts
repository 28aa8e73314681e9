import type { SeededRandom } from '@varve/testing'

/** How many faults of each kind a run has. */
export interface FaultCounts {
  readonly cuts: number
  readonly kills: number
  readonly blackHoles: number
}

/** One fault, some time after the episode it belongs to began. */
export interface PlannedFault {
  readonly kind: 'cut' | 'kill' | 'black hole'
  readonly afterMs: number
  /** A black hole: how long nothing passes. A kill: how long before the server is started again. */
  readonly lastsMs: number
}

/** Faults that fall together. */
export interface Episode {
  /** How many events are acknowledged, after the end of the episode before, until it begins. */
  readonly afterEvents: number
  readonly faults: readonly PlannedFault[]
  /** Whether the next episode waits until every subscriber has something new. */
  readonly endsQuietly: boolean
}

const longestDownMs = 800
const blackHoleMs = [1000, 5000] as const
/** Of the cuts and kills, how many fall into another fault. */
const shareWithin = 0.25

/** Draws when which faults happen. The same seed draws the same plan. */
export function drawPlan(
  random: SeededRandom,
  { events, cuts, kills, blackHoles }: FaultCounts & { readonly events: number },
): readonly Episode[] {
  const killsWithin = Math.min(blackHoles, Math.floor(kills * shareWithin))
  const cutsWithin = kills + blackHoles === 0 ? 0 : Math.floor(cuts * shareWithin)
  const long = [
    ...Array.from({ length: blackHoles }, (_, n) => [
      blackHole(random),
      ...(n < killsWithin ? [kill(random, random.integer(0, 1500))] : []),
    ]),
    ...Array.from({ length: kills - killsWithin }, () => [kill(random, 0)]),
  ]
  // Every other one: the rest happens alone.
  const struck = long.filter((_, n) => n % 2 === 0)
  for (let n = 0; n < cutsWithin; n += 1)
    struck[n % struck.length]?.push({ kind: 'cut', afterMs: random.integer(0, 1500), lastsMs: 0 })
  const short = Array.from({ length: cuts - cutsWithin }, () => [cut])
  const episodes = random.shuffle<PlannedFault[]>([...long, ...short])
  // Leaves events for the time the faults themselves take, so that there is writing to the last one.
  const mostEvents = Math.floor((events * 1.2) / episodes.length)
  return episodes.map((faults) => ({
    afterEvents: random.integer(1, mostEvents),
    faults,
    endsQuietly: faults.length === 1 && faults[0]?.kind === 'kill',
  }))
}

const cut: PlannedFault = { kind: 'cut', afterMs: 0, lastsMs: 0 }

function kill(random: SeededRandom, afterMs: number): PlannedFault {
  return { kind: 'kill', afterMs, lastsMs: random.integer(0, longestDownMs) }
}

function blackHole(random: SeededRandom): PlannedFault {
  return { kind: 'black hole', afterMs: 0, lastsMs: random.integer(...blackHoleMs) }
}
