// `npm test`: all tests from a fresh clone. Installs, builds (worker threads and packed packages run compiled
// files) and runs vitest. Arguments go to vitest: npm test -- packages/core
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeReady, runTool } from './workspace.mjs'

await makeReady()
const folder = mkdtempSync(join(tmpdir(), 'varve-test-'))
const report = join(folder, 'report.json')
const { code } = await runTool('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
])
const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
rmSync(folder, { recursive: true })
console.log(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`)
process.exitCode = code
