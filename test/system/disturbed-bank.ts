// A bank on servers of its own, run by processes that are killed while its ledger is booked.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostServers, type LocalServers } from '@varve/local'
import { MongoConnection } from '@varve/mongodb'
import { createApplication } from 'varve'
import { Account } from '../../examples/bank/src/account/account.ts'
import type { Booking } from '../../examples/bank/src/ledger/check-books.ts'
import { importLedger } from '../../examples/bank/src/ledger/import-ledger.ts'
import type { LedgerRow } from '../../examples/bank/src/ledger/ledger-row.ts'

/** Servers whose transactions end soon where the process that began them is dead. */
export async function hostBank(): Promise<{ servers: LocalServers; mongoUrl: string }> {
  const servers = await hostServers()
  const url = new URL(servers.mongoUrl)
  url.pathname = '/bank'
  const connection = new MongoConnection({ url: url.href })
  // Until then they hold their documents: a minute by default, as on a real server.
  await connection.database.admin().command({ setParameter: 1, transactionLifetimeLimitSeconds: 3 })
  await connection.close()
  return { servers, mongoUrl: url.href }
}

/** Starts a process beside others, and waits until it says that it is ready. */
export async function startProcess(
  running: ChildProcess[],
  script: string,
  args: readonly string[],
): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  running.push(child)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A process ended with ${String(code)} before it was ready.`)
  })
  await Promise.race([once(child.stdout, 'data'), ended])
}

/** Books a ledger, and disturbs a number of times meanwhile, spread evenly. */
export async function bookDisturbed(
  eventStoreUrl: string,
  rows: readonly LedgerRow[],
  { times, disturb }: { times: number; disturb: () => Promise<void> },
): Promise<readonly Booking[]> {
  await using app = await createApplication({
    definitions: [Account],
    eventStore: eventStoreUrl,
    readModels: 'memory:',
  })
  const bookings: Booking[] = []
  let disturbing = Promise.resolve()
  let disturbed = 0
  await importLedger(app, rows, {
    onBooked: (row, result) => {
      bookings.push({ row, result })
      if (bookings.length * times < (disturbed + 1) * rows.length) return
      disturbed += 1
      disturbing = disturbing.then(disturb)
    },
  })
  await disturbing
  return bookings
}
