import { createServer, type AddressInfo, type Server } from 'node:net'
import type { LocalStorage } from '../../storage/local-storage.ts'
import { newObjectId } from '../bson/value.ts'
import { removeExpiredDocuments } from '../index/remove-expired-documents.ts'
import { Cursors } from '../cursor/cursors.ts'
import { Sessions } from '../session/sessions.ts'
import { Engine } from '../store/engine.ts'
import { Transactions } from '../transaction/transactions.ts'
import { SnapshotReads } from '../session/snapshot-reads.ts'
import { ClientConnection } from '../wire/client-connection.ts'
import { runCommand } from './run-command.ts'
import { FailPoints } from './fail-points.ts'

/** How the server presents itself. */
export type Topology = 'replica-set' | 'standalone'

/** How often expired transactions, sessions and cursors are looked for, in milliseconds. */
const SWEEP_MS = 1_000

/** The running server with everything its commands share. */
export class MongoServer {
  readonly engine: Engine
  readonly sessions: Sessions
  readonly transactions: Transactions
  readonly snapshotReads: SnapshotReads
  readonly cursors = new Cursors()
  readonly failPoints = new FailPoints()
  readonly processId = newObjectId()
  readonly startedAt = Date.now()
  readonly connections = new Set<ClientConnection>()
  /** Seconds between two removals of expired documents. */
  ttlMonitorSeconds = 60
  port = 0
  readonly #listener: Server
  readonly #timers: NodeJS.Timeout[] = []
  #sweeping: Promise<void> = Promise.resolve()
  #lastRemoval = Date.now()

  constructor(
    storage: LocalStorage,
    readonly topology: Topology,
  ) {
    this.engine = new Engine(storage)
    this.sessions = new Sessions(storage)
    this.transactions = new Transactions(this.engine, this.sessions)
    this.snapshotReads = new SnapshotReads(this.engine)
    this.#listener = createServer((socket) => {
      const connection = new ClientConnection(socket, (request, from) =>
        runCommand(this, request, from),
      )
      this.connections.add(connection)
      socket.on('close', () => this.connections.delete(connection))
    })
  }

  get isReplicaSet(): boolean {
    return this.topology === 'replica-set'
  }

  /** Listens; port 0 takes any free one. */
  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#listener.once('error', reject)
      this.#listener.listen(port, host, () => resolve())
    })
    this.port = (this.#listener.address() as AddressInfo).port
    this.#timers.push(setInterval(() => this.#sweep(), SWEEP_MS).unref())
  }

  /** Cuts all connections and stops. Writes that were begun are finished. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()))
    for (const connection of this.connections) connection.close()
    this.cursors.closeWhere(() => true)
    await closed
    await this.#sweeping
  }

  #sweep(): void {
    const now = Date.now()
    this.transactions.expire(now)
    this.snapshotReads.expire(now)
    this.cursors.closeWhere(
      ({ transaction }) => transaction !== undefined && transaction.state !== 'in-progress',
    )
    this.cursors.expire(now)
    if (now - this.#lastRemoval < this.ttlMonitorSeconds * 1000) return
    this.#lastRemoval = now
    this.#removeExpired()
  }

  #removeExpired(): void {
    const work = this.engine.storage.write(() => {
      this.sessions.expire(Date.now())
      removeExpiredDocuments(this.engine, Date.now())
    })
    // A failed storage reports itself to every client; the sweep has nobody to tell.
    this.#sweeping = this.#sweeping.then(() => work).catch(() => undefined)
  }
}
