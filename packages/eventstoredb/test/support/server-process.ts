import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Arguments that let a bare Node process run a source file of this folder. */
export function nodeArguments(name: string): string[] {
  const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
  return ['--conditions=@varve/source', '--import', path('run-typescript.mjs'), path(name)]
}

/** The development server in a process of its own, with its data on disk. */
export class ServerProcess {
  readonly #folder: string
  #child: ChildProcess | undefined
  #port = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async start(): Promise<ServerProcess> {
    const server = new ServerProcess(await mkdtemp(join(tmpdir(), 'varve-eventstoredb-')))
    await server.start()
    return server
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`
  }

  /** Starts again with the same data on the same port. */
  async start(): Promise<void> {
    const file = join(this.#folder, 'data.db')
    const child = spawn(process.execPath, [...nodeArguments('serve.ts'), file, `${this.#port}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    const [port] = (await once(child.stdout, 'data')) as [Buffer]
    this.#port = Number(port.toString())
  }

  async kill(): Promise<void> {
    if (!this.#child) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
    this.#child = undefined
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  async close(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
