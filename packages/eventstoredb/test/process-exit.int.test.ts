import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useServer } from './support/server.ts'

const path = (name: string): string => fileURLToPath(new URL(`./support/${name}`, import.meta.url))
let server: Awaited<ReturnType<typeof useServer>>

beforeAll(async () => {
  server = await useServer()
})

afterAll(() => server.close())

test('a process that closed the store ends by itself', async () => {
  const run = ['--conditions=@varve/source', '--import', path('run-typescript.mjs')]
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...run, path('short-life.ts'), server.url],
    { timeout: 20_000 },
  )
  expect([stdout.trim(), stderr]).toEqual(['closed stopped', ''])
})
