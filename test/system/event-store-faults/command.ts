// Why: 50,000 events under 200 cuts, 20 killed servers and 20 black holes take minutes, so the tests play less.
//
//   npm run test:faults                                 # a random seed
//   npm run test:faults -- --seed 7 --writers 20 --events 2500 --cuts 200 --kills 20 --black-holes 20
import { parseArgs } from 'node:util'
import { describeRun } from './describe-run.ts'
import { runWithFaults } from './fault-run.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    writers: { type: 'string', default: '20' },
    events: { type: 'string', default: '2500' },
    cuts: { type: 'string', default: '200' },
    kills: { type: 'string', default: '20' },
    'black-holes': { type: 'string', default: '20' },
    verbose: { type: 'boolean', default: false },
  },
})
console.log(`seed ${values.seed}`)
const startedAt = performance.now()
const report = await runWithFaults({
  seed: Number(values.seed),
  writers: Number(values.writers),
  eventsPerWriter: Number(values.events),
  cuts: Number(values.cuts),
  kills: Number(values.kills),
  blackHoles: Number(values['black-holes']),
  onFault: ({ kind, lastsMs }, acknowledged) => {
    if (!values.verbose) return
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${seconds} s: ${kind}, ${lastsMs} ms, after ${acknowledged} events`)
  },
})
console.log(describeRun(report))
for (const mistake of report.mistakes.slice(0, 50)) console.log(mistake)
process.exitCode = report.mistakes.length === 0 ? 0 : 1
