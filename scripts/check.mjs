// `npm run check`: everything that can be known without running the tests, two checks at a time.
import { makeReady, run, runTool } from './workspace.mjs'

const node = (script, ...args) => run(process.execPath, [script, ...args], { capture: true })
const tool = (name, ...args) => runTool(name, args, { capture: true })

const checks = [
  ['lint', () => tool('eslint', '.', '--max-warnings', '0')],
  ['types', () => tool('typescript:tsc', '--noEmit', '-p', 'tsconfig.json')],
  ['format', () => tool('prettier', '--check', '.', '--log-level', 'warn')],
  ['architecture', () => node('scripts/check-architecture.mjs')],
  ['docs', () => node('scripts/check-docs.mjs')],
  ['exports', () => node('scripts/check-exports.mjs')],
]

await makeReady()
const failed = []
const waiting = checks.values()
async function work() {
  for (const [name, check] of waiting) {
    const startedAt = performance.now()
    const { code, output } = await check()
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(14)} ${seconds} s`)
    if (code === 0) continue
    failed.push(name)
    console.log(output)
  }
}
await Promise.all([work(), work()])
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
