import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a script; resolves to what it printed, complaints included. */
async function run(...args: readonly string[]): Promise<string> {
  const ended = promisify(execFile)(process.execPath, args, { cwd: root })
  const { stdout } = await ended.catch((error: unknown) => error as { readonly stdout: string })
  return stdout
}

it('the list of errors is as fresh as the error classes', async () => {
  expect(await run('scripts/generate-errors.mjs', '--check')).toBe('')
})

it('every snippet is the text of a region, and every link leads somewhere', async () => {
  expect(await run('scripts/check-docs.mjs')).toBe('')
})
