import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { streamName } from '@varve/core'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { hostServers, type LocalServers } from '@varve/local'
import { SeededRandom } from '@varve/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const script = fileURLToPath(new URL('killed-handlers/handle.mjs', import.meta.url))
const seed = Number(process.env['VARVE_SEED'] ?? Math.floor(Math.random() * 1_000_000) + 1)
const kills = 6
const count = 600

describe(`event handlers in a process that is killed ${kills} times (VARVE_SEED=${seed})`, () => {
  const random = new SeededRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'varve-killed-'))
  let servers: LocalServers
  let log: EventStoreDBEventStore
  beforeAll(async () => {
    servers = await hostServers()
    log = new EventStoreDBEventStore({ connectionString: servers.eventStoreUrl })
  })
  afterAll(async () => {
    await log.close()
    await servers.close()
    rmSync(folder, { recursive: true })
  })

  const start = async () => {
    const url = new URL(servers.mongoUrl)
    url.pathname = '/handlers'
    const child = spawn(process.execPath, [script, servers.eventStoreUrl, url.href, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    return {
      kill: async () => {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      },
    }
  }

  /** The numbers a handler has written, in the order it did. */
  const written = (name: string): readonly number[] => {
    const file = join(folder, name)
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []
  }
  const noted = async (): Promise<readonly number[]> => {
    const numbers: number[] = []
    for await (const batch of log.readAll())
      for (const { type, data } of batch)
        if (type === 'note.noted') numbers.push((data as { number: number }).number)
    return numbers
  }
  const all = Array.from({ length: count }, (_, number) => number)
  const doubles = (numbers: readonly number[]): number => numbers.length - new Set(numbers).size
  const missing = (numbers: readonly number[]): number => count - new Set(numbers).size

  it('do what their delivery promises', async () => {
    const events = all.map((number) => ({
      id: randomUUID(),
      type: 'count.counted',
      data: { number },
      metadata: {},
    }))
    await log.append(streamName('count', 'all'), events, { expected: 'no-stream' })
    for (let kill = 0; kill < kills; kill += 1) {
      const handling = await start()
      const before = written('at-least-once').length
      await vi.waitFor(() => expect(written('at-least-once').length).toBeGreaterThan(before), {
        timeout: 30_000,
      })
      await setTimeout(random.integer(0, 60))
      await handling.kill()
    }
    const handling = await start()
    await vi.waitFor(
      async () => {
        for (const name of ['at-most-once', 'at-least-once', 'idempotent'])
          expect(written(name)).toContain(count - 1)
        expect(await noted()).toContain(count - 1)
      },
      { timeout: 60_000, interval: 200 },
    )
    await handling.kill()

    expect(doubles(written('at-most-once'))).toBe(0)
    expect(missing(written('at-most-once'))).toBeLessThanOrEqual(kills)
    for (const name of ['at-least-once', 'idempotent']) {
      expect(missing(written(name))).toBe(0)
      expect(doubles(written(name))).toBeLessThanOrEqual(kills)
    }
    expect(await noted()).toEqual(all)
  })
})
