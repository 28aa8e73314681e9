// `npm start`: everything a newcomer needs to see Varve work, from a fresh clone. Installs, builds and runs
// the bank example on the local servers. Arguments go to the example: npm start -- --help
import { makeReady, run } from './workspace.mjs'

await makeReady()
const { code } = await run(process.execPath, [
  'examples/bank/dist/main.js',
  ...process.argv.slice(2),
])
process.exitCode = code
