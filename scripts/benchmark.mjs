// `npm run benchmark`: builds, then measures compiled code as users run it. Arguments go to test/benchmark/run.mjs.
import { makeReady, run } from './workspace.mjs'

await makeReady()
const { code } = await run(process.execPath, ['test/benchmark/run.mjs', ...process.argv.slice(2)])
process.exitCode = code
