// The servers to measure on: real ones by VARVE_EVENTSTOREDB_URL and VARVE_MONGODB_URL, else the local ones in
// a process of their own, in memory.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../packages/varve/bin/varve.js', import.meta.url))

export async function startServers() {
  const { VARVE_EVENTSTOREDB_URL: eventStoreUrl, VARVE_MONGODB_URL: mongoUrl } = process.env
  if (eventStoreUrl && mongoUrl) return { eventStoreUrl, mongoUrl, stop: async () => undefined }
  const data = mkdtempSync(join(tmpdir(), 'varve-benchmark-'))
  const args = ['dev', '--port-eventstoredb', '0', '--port-mongodb', '0', '--data', data]
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const urls = []
  for await (const line of createInterface(child.stdout)) {
    const url = /(esdb|mongodb):\/\/\S+/.exec(line)?.[0]
    if (url) urls.push(url)
    if (urls.length === 2) break
  }
  child.stdout.resume()
  const [local, mongo] = urls
  const withDatabase = new URL(mongo)
  withDatabase.pathname = '/benchmark'
  return {
    eventStoreUrl: local,
    mongoUrl: withDatabase.href,
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(data, { recursive: true })
    },
  }
}
