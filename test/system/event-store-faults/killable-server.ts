import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('serve.mjs', import.meta.url))

/** The development server in a process of its own, compiled, with its data on disk. */
export class KillableServer {
  readonly #folder: string
  #child: ChildProcess | undefined
  #port = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async start(): Promise<KillableServer> {
    const server = new KillableServer(await mkdtemp(join(tmpdir(), 'varve-faults-')))
    await server.start()
    return server
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`
  }

  /** Settles once it listens, on the same port with the same data as before. */
  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      [program, join(this.#folder, 'data.db'), String(this.#port)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    this.#child = child
    const died = once(child, 'exit').then(([code]) => {
      throw new Error(`The server ended with code ${String(code)} before it listened.`)
    })
    const [port] = (await Promise.race([once(child.stdout, 'data'), died])) as [Buffer]
    died.catch(() => undefined)
    this.#port = Number(port.toString())
  }

  /** Ends it with SIGKILL, in the middle of whatever it does. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#child = undefined
    if (child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async close(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
