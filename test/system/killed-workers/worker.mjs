// One process of the bank that only projects, with two workers for each read model, until it is killed or told to stop.
import { createApplication } from 'varve'
import { bank } from '../../../examples/bank/dist/bank.js'

const [eventStore, readModels] = process.argv.slice(2)
const app = await createApplication({
  definitions: bank,
  eventStore,
  readModels,
  projections: { workers: 2, leaseMs: 2_000 },
  logger: { debug() {}, info() {}, warn() {}, error: (...line) => console.error(...line) },
})
process.stdout.write('ready\n')
process.once('SIGTERM', () => void app.close())
