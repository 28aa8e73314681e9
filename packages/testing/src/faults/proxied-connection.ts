import { connect, type Socket } from 'node:net'
import type { NetworkConditions } from './network-conditions.ts'
import { OneWay } from './one-way.ts'

/** One connection through the proxy: the client's socket and one to the target. */
export class ProxiedConnection {
  readonly #client: Socket
  readonly #target: Socket
  readonly #ways: readonly OneWay[]
  /** Settles when both sockets are closed. */
  readonly closed: Promise<void>

  constructor(client: Socket, target: { readonly host: string; readonly port: number }) {
    this.#client = client.setNoDelay(true)
    this.#target = connect({ ...target, allowHalfOpen: true, noDelay: true })
    this.#ways = [new OneWay(client, this.#target), new OneWay(this.#target, client)]
    this.closed = Promise.all([closing(client), closing(this.#target)]).then(() => undefined)
    for (const socket of [client, this.#target]) {
      // An error of one side is news to the other: it ends as if the server, or the client, had reset it.
      socket.on('error', () => this.cut())
      socket.on('close', (hadError) => {
        if (hadError) this.cut()
      })
    }
  }

  change(conditions: NetworkConditions): void {
    for (const way of this.#ways) way.change(conditions)
  }

  /** Resets both sides. */
  cut(): void {
    for (const socket of [this.#client, this.#target]) {
      if (socket.destroyed) continue
      // A reset while an end is on its way fails, and then the socket is never closed.
      if (socket.writableEnded && !socket.writableFinished) socket.destroy()
      else socket.resetAndDestroy()
    }
  }

  /** Ends the direction to the client, which may still send. */
  halfClose(): void {
    this.#target.removeAllListeners('data').resume()
    this.#client.end()
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}
