import type { SeededRandom } from '../environment/seeded-random.ts'

/** What can go wrong on the way to a server. */
export type Fault =
  | { readonly kind: 'cut' }
  | { readonly kind: 'half-close' }
  | { readonly kind: 'black-hole' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }

/** One step of a script: a time without a fault, then the fault for a time. */
export interface FaultStep {
  readonly pauseMs: number
  readonly fault: Fault
  readonly lastsMs: number
}

/** Options of {@link faultScript}. */
export interface FaultScriptOptions {
  /** Default 10. */
  readonly steps?: number
  /** Longest time without a fault, in milliseconds. Default 300. */
  readonly maxPauseMs?: number
  /** Longest time with one, in milliseconds. Default 300. */
  readonly maxFaultMs?: number
  /** Which faults to draw from. Default: all. */
  readonly kinds?: readonly [Fault['kind'], ...Fault['kind'][]]
}

/** Draws a script of faults. The same seed draws the same script. */
export function faultScript(
  random: SeededRandom,
  {
    steps = 10,
    maxPauseMs = 300,
    maxFaultMs = 300,
    kinds = ['cut', 'half-close', 'black-hole', 'refuse', 'delay', 'throttle'],
  }: FaultScriptOptions = {},
): readonly FaultStep[] {
  return Array.from({ length: steps }, () => ({
    pauseMs: random.integer(1, maxPauseMs),
    fault: drawFault(random, random.pick(kinds)),
    lastsMs: random.integer(1, maxFaultMs),
  }))
}

function drawFault(random: SeededRandom, kind: Fault['kind']): Fault {
  if (kind === 'delay') return { kind, ms: random.integer(1, 100) }
  if (kind === 'throttle') return { kind, bytesPerSecond: random.integer(10_000, 1_000_000) }
  return { kind }
}
