import type { FaultRunReport } from './fault-run.ts'

/** Says in one line what a run did. */
export function describeRun(report: FaultRunReport): string {
  const { seed, events, cuts, kills, blackHoles, deaths, seconds, mistakes } = report
  const back = report.backAfterMs.toSorted((a, b) => a - b)
  const times =
    back.length === 0
      ? ''
      : ` Once the server was back, subscribers had new events after ${back[back.length >> 1]} ms (median of ${back.length}), ${back.at(-1)} ms at most.`
  return `seed ${seed}: ${events} events, ${cuts} cuts, ${kills} kills, ${blackHoles} black holes, ${deaths} subscriber lives in ${seconds.toFixed(1)} s, ${mistakes.length} mistakes.${times}`
}
