import { describe, expect, it } from 'vitest'
import { describeRun } from './event-store-faults/describe-run.ts'
import { runWithFaults } from './event-store-faults/fault-run.ts'

/** `VARVE_SEED` plays a run again, as far as timing lets it. */
const first = Number(process.env['VARVE_SEED'] ?? Math.floor(Math.random() * 1_000_000))

describe('writers and subscribers behind a bad network, on a server that is killed', () => {
  it.each([first, first + 1, first + 2])(
    'lose and double nothing, and keep the order (VARVE_SEED=%i)',
    async (seed) => {
      const report = await runWithFaults({
        seed,
        writers: 20,
        eventsPerWriter: 100,
        cuts: 10,
        kills: 2,
        blackHoles: 2,
      })
      process.stdout.write(`${describeRun(report)}\n`)
      expect(report.mistakes).toEqual([])
      expect(report).toMatchObject({ events: 2003, cuts: 10, kills: 2, blackHoles: 2 })
      expect(report.deaths).toBeGreaterThan(1)
    },
  )
})
