import { connect, createServer, type Server, type Socket } from 'node:net'

/** What becomes of a request that a client sends through the proxy. */
export type Fate = 'pass' | 'lose-request' | 'lose-reply'

/** A TCP proxy that cuts connections at a chosen request: lost before the server saw it, or after it answered. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Swallows everything from now on, also of new connections, without closing one. */
  isSilent = false
  /** Connections cut by {@link decide}. */
  cuts = 0
  /** Decides about each request by its bytes. Default: all pass. */
  decide: (request: string) => Fate = () => 'pass'

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => this.#forward(client, connect(target)))
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve)
    })
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** Cuts all connections there are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Cuts the connection of the next request that contains a text, once. */
  cutOnce(text: string, fate: Exclude<Fate, 'pass'>): void {
    this.decide = (request) => {
      if (!request.includes(text)) return 'pass'
      this.decide = () => 'pass'
      return fate
    }
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #forward(client: Socket, upstream: Socket): void {
    let losesReply = false
    const destroy = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.on('error', destroy)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        destroy()
      })
    }
    client.on('data', (bytes) => {
      if (this.isSilent) return
      const fate = this.decide(bytes.toString('latin1'))
      if (fate !== 'pass') this.cuts += 1
      if (fate === 'lose-request') destroy()
      else upstream.write(bytes)
      losesReply = fate === 'lose-reply'
    })
    upstream.on('data', (bytes) => {
      if (losesReply) destroy()
      else if (!this.isSilent) client.write(bytes)
    })
  }
}
