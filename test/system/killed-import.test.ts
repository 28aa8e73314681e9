import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const bank = fileURLToPath(new URL('../../examples/bank/dist/main.js', import.meta.url))
const seed = Number(process.env['VARVE_SEED'] ?? Math.floor(Math.random() * 1_000_000) + 1)
const kills = 5

describe(`an import that is killed ${kills} times (VARVE_SEED=${seed})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-killed-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const start = () => {
    const args = ['--accounts', '40', '--transactions', '3000', '--seed', String(seed)]
    const child = spawn(process.execPath, [bank, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return { child, lines: createInterface(child.stdout) }
  }

  it('ends in the figures of the ledger when it is started again', async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      const { child, lines } = start()
      const exited = once(child, 'exit')
      // Each tenth of the import prints a line: die a moment after a random one of them.
      let left = 1 + ((seed + kill * 7) % 6)
      for await (const line of lines) if (line.includes('%') && --left === 0) break
      child.kill('SIGKILL')
      const [, signal] = (await exited) as [number | null, string | null]
      expect(signal).toBe('SIGKILL')
    }
    const { child, lines } = start()
    const exited = once(child, 'exit')
    const output: string[] = []
    for await (const line of lines) output.push(line)
    const [code] = (await exited) as [number | null]
    expect(output.filter((line) => line.includes('DIFFER'))).toEqual([])
    expect(output).toContain('The books agree with the ledger.')
    expect(output.join('\n')).toMatch(/of them were booked before and not again/)
    expect(code).toBe(0)
  }, 180_000)
})
