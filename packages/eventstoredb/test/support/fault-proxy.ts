import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

/** A TCP proxy that breaks what goes through it on demand. */
export class FaultProxy {
  readonly #target: number
  readonly #pairs = new Set<Pair>()
  #server: Server
  #holdsAnswers = false
  #cutAfterBytes = Infinity

  private constructor(target: number) {
    this.#target = target
    this.#server = this.#listen()
  }

  /** Starts a proxy in front of a local port. */
  static async start(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`
  }

  get connections(): number {
    return this.#pairs.size
  }

  /** Resets every connection. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy()
      server.destroy()
    }
  }

  /** Requests still arrive, but nothing is answered on the connections there are; new ones work. */
  swallowAnswers(): void {
    for (const { server } of this.#pairs) server.removeAllListeners('data').resume()
  }

  /** As {@link swallowAnswers}, and new connections hang too, until {@link letAnswersPass}. */
  holdAnswers(): void {
    this.#holdsAnswers = true
    this.swallowAnswers()
  }

  letAnswersPass(): void {
    this.#holdsAnswers = false
  }

  /** Resets the next connection after it has carried so many bytes of answers. */
  cutNextAfter(bytes: number): void {
    this.#cutAfterBytes = bytes
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #listen(): Server {
    return createServer((client) => {
      const server = connect(this.#target, '127.0.0.1')
      const pair = { client, server }
      this.#pairs.add(pair)
      const end = (): void => {
        this.#pairs.delete(pair)
        client.destroy()
        server.destroy()
      }
      for (const socket of [client, server]) socket.on('error', end).on('close', end)
      client.on('data', (data) => server.write(data))
      let left = this.#cutAfterBytes
      this.#cutAfterBytes = Infinity
      server.on('data', (data) => {
        if (this.#holdsAnswers) return
        left -= data.length
        if (left < 0) client.resetAndDestroy()
        else client.write(data)
      })
    })
  }
}
