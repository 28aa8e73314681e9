// One process of the bank that projects and rebuilds, cancels or rolls back as it is told, until it is killed or stopped.
import { createInterface } from 'node:readline'
import { createApplication } from 'varve'
import { bank } from '../../../examples/bank/dist/bank.js'

const [eventStore, readModels] = process.argv.slice(2)
const app = await createApplication({
  definitions: bank,
  eventStore,
  readModels,
  projections: { leaseMs: 1_000, graceMs: 3_000 },
  logger: { debug() {}, info() {}, warn() {}, error: (...line) => console.error(...line) },
})
process.once('SIGTERM', () => void app.close())

let rebuilding
const acts = {
  rebuild(name) {
    rebuilding = app.projections.rebuild(name, { batch: 20 })
    rebuilding.catch(() => undefined)
  },
  cancel: () => rebuilding?.cancel(),
  rollback: (name) => app.projections.rollback(name).catch(() => undefined),
}
process.stdout.write('ready\n')
for await (const line of createInterface(process.stdin)) {
  const [act, name] = line.split(' ')
  await acts[act](name)
}
