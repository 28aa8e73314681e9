// `npm run benchmark`: what Varve costs, each figure against something measured in the same run.
//   npm run benchmark -- --json FILE     also writes [{ name, figure, unit, baseline, ratio, target }]
//   npm run benchmark -- --only rebuild  runs the measurements whose file name contains the word
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startServers } from './servers.mjs'

const { values } = parseArgs({
  options: { json: { type: 'string' }, only: { type: 'string', default: '' } },
})
const measurements = [
  'memory-commands',
  'memory-projection',
  'adapter',
  'commands',
  'contended',
  'load',
  'append-to-visible',
  'rebuild',
  'rebuild-from-snapshots',
  'rebuild-under-queries',
  'replay-memory',
]
const results = []
const servers = await startServers()
console.log(`EventStoreDB ${servers.eventStoreUrl}\nMongoDB      ${servers.mongoUrl}\n`)
try {
  for (const name of measurements.filter((one) => one.includes(values.only))) {
    const { measure } = await import(`./${name}.mjs`)
    for (const result of await measure(servers)) {
      results.push(result)
      print(result)
    }
  }
} finally {
  await servers.stop()
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)

function print({ name, figure, unit, baseline, ratio, target }) {
  const number = (value) => Math.round(value).toLocaleString('en').padStart(11)
  const against =
    baseline === undefined ? '' : `  baseline ${number(baseline)}  ratio ${ratio.toFixed(2)}`
  const wanted = target === undefined ? '' : `  target ${target}`
  console.log(`${name.padEnd(58)} ${number(figure)} ${unit}${against}${wanted}`)
}
