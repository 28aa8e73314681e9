import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Fault, FaultStep } from './fault-script.ts'
import { healthy, type NetworkConditions } from './network-conditions.ts'
import { ProxiedConnection } from './proxied-connection.ts'

/** Where a {@link FaultProxy} forwards to. */
export interface FaultProxyTarget {
  readonly port: number
  /** Default `127.0.0.1`. */
  readonly host?: string
}

/**
 * Stands between a client and a server on 127.0.0.1 and breaks the network between them, by call or by script.
 * Without a fault it passes every byte on.
 */
export class FaultProxy implements AsyncDisposable {
  /** Where clients connect. */
  readonly port: number
  readonly #server: Server
  readonly #target: Required<FaultProxyTarget>
  readonly #connections = new Set<ProxiedConnection>()
  #conditions = healthy
  #isRefusing = false

  private constructor(server: Server, target: Required<FaultProxyTarget>) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (client) => this.#accept(client))
  }

  /** Listens on a free port. The target need not be up. */
  static async start({ port, host = '127.0.0.1' }: FaultProxyTarget): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FaultProxy(server, { port, host })
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size
  }

  /** Resets every connection; new ones are let through. */
  cut(): void {
    for (const connection of this.#connections) connection.cut()
  }

  /** Resets every connection, and each new one at once: the server is down. */
  refuse(): void {
    this.#isRefusing = true
    this.cut()
  }

  /** Ends every connection towards the client, while the client may still send. */
  halfClose(): void {
    for (const connection of this.#connections) connection.halfClose()
  }

  /** Lets nothing pass, in no direction; connections open and stay open. */
  blackHole(): void {
    this.#change({ ...this.#conditions, isHeld: true })
  }

  /** Holds each byte up for some milliseconds, in each direction. */
  delay(ms: number): void {
    this.#change({ ...this.#conditions, delayMs: ms })
  }

  /** Lets so many bytes per second pass, on each connection in each direction. */
  throttle(bytesPerSecond: number): void {
    this.#change({ ...this.#conditions, bytesPerSecond })
  }

  /** Ends every fault. What waited passes; what was cut stays cut. */
  heal(): void {
    this.#isRefusing = false
    this.#change(healthy)
  }

  /** Starts a fault. */
  inject(fault: Fault): void {
    switch (fault.kind) {
      case 'cut': {
        this.cut()
        return
      }
      case 'refuse': {
        this.refuse()
        return
      }
      case 'half-close': {
        this.halfClose()
        return
      }
      case 'black-hole': {
        this.blackHole()
        return
      }
      case 'delay': {
        this.delay(fault.ms)
        return
      }
      case 'throttle': {
        this.throttle(fault.bytesPerSecond)
        return
      }
    }
  }

  /**
   * Plays a script and heals, also when it is aborted.
   *
   * @param onStep Hears of each fault when it starts.
   */
  async play(
    script: readonly FaultStep[],
    options: { readonly onStep?: (step: FaultStep) => void; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const timing = options.signal ? { signal: options.signal } : {}
    try {
      for (const step of script) {
        await setTimeout(step.pauseMs, undefined, timing)
        options.onStep?.(step)
        this.inject(step.fault)
        await setTimeout(step.lastsMs, undefined, timing)
        this.heal()
      }
    } finally {
      this.heal()
    }
  }

  /** Cuts every connection and stops listening. */
  async close(): Promise<void> {
    const closed = [...this.#connections].map((connection) => connection.closed)
    this.refuse()
    if (this.#server.listening) {
      this.#server.close()
      await once(this.#server, 'close')
    }
    await Promise.all(closed)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #change(conditions: NetworkConditions): void {
    this.#conditions = conditions
    for (const connection of this.#connections) connection.change(conditions)
  }

  #accept(client: Socket): void {
    if (this.#isRefusing) {
      client.on('error', () => undefined)
      client.resetAndDestroy()
      return
    }
    const connection = new ProxiedConnection(client, this.#target)
    connection.change(this.#conditions)
    this.#connections.add(connection)
    void connection.closed.then(() => this.#connections.delete(connection))
  }
}
