import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeArguments } from './support/server-process.ts'
import { useServer } from './support/server.ts'

let server: Awaited<ReturnType<typeof useServer>>

beforeAll(async () => {
  server = await useServer()
})

afterAll(() => server.close())

test('a process that closed the store ends by itself', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...nodeArguments('short-life.ts'), server.url],
    { timeout: 20_000 },
  )
  expect([stdout.trim(), stderr]).toEqual(['closed stopped', ''])
})
