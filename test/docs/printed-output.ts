import { readFileSync } from 'node:fs'
import { vi } from 'vitest'

/** Runs something and returns what it printed on the console, line by line. */
export async function printedBy(run: () => Promise<unknown>): Promise<readonly string[]> {
  const lines: string[] = []
  const spy = vi.spyOn(console, 'log').mockImplementation((text: unknown) => {
    lines.push(...String(text).split('\n'))
  })
  try {
    await run()
  } finally {
    spy.mockRestore()
  }
  return lines
}

/** Reads the first output block of a page, line by line: what it promises that its example prints. */
export function promisedBy(page: string): readonly string[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  return /```text\n([\s\S]*?)\n```/.exec(text)?.[1]?.split('\n') ?? []
}
