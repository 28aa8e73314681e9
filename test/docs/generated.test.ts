import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'

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

describe('the check of the documentation', () => {
  const main = 'examples/quickstart/src/main.ts'

  it.each([
    [
      'a block without a source',
      '```ts\nlet a\n```\n',
      'a TypeScript block without a region: let a',
    ],
    [
      'a source that is not there',
      block('examples/nowhere.ts'),
      'no such region: examples/nowhere.ts',
    ],
    ['a region that is not there', block(`${main}#nowhere`), `no such region: ${main}#nowhere`],
    ['a source that no test runs', block('scripts/check.mjs'), 'no test runs scripts/check.mjs'],
    ['a block that is stale', block(main), `the block of ${main} is stale`],
    ['a link to nowhere', '[there](nowhere.md)\n', 'dead link: nowhere.md'],
    ['a link to no heading', '# Here\n\n[there](#there)\n', 'no such heading: #there'],
  ])('finds %s', async (_, text, complaint) => {
    expect(await run('scripts/check-docs.mjs', pageWith(text))).toContain(complaint)
  })

  it('copies regions in, and is content then', async () => {
    const page = pageWith(block(main))
    await run('scripts/check-docs.mjs', '--write', page)
    expect(readFileSync(page, 'utf8')).toContain('await tour(app)')
    expect(await run('scripts/check-docs.mjs', page)).toBe('')
  })
})

function block(source: string): string {
  return `<!-- region: ${source} -->\n\n\`\`\`ts\n\`\`\`\n`
}

function pageWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'varve-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const page = join(folder, 'page.md')
  writeFileSync(page, text)
  return page
}
