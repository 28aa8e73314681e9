// The bank's books kept by several processes that are killed, stopped and added at random.
// Longer: VARVE_DISRUPTIONS=50 VARVE_TRANSACTIONS=30000 npx vitest run test/system/killed-workers.test.ts
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MongoConnection } from '@varve/mongodb'
import type { LocalServers } from '@varve/local'
import { SeededRandom } from '@varve/testing'
import { createApplication } from 'varve'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bank } from '../../examples/bank/src/bank.ts'
import { checkBooks } from '../../examples/bank/src/ledger/check-books.ts'
import { generateLedger } from '../../examples/bank/src/ledger/generate-ledger.ts'
import { waitForProjections } from '../../examples/bank/src/ledger/wait-for-projections.ts'
import { bookDisturbed, hostBank, startProcess } from './disturbed-bank.ts'

const script = fileURLToPath(new URL('killed-workers/worker.mjs', import.meta.url))
const seed = Number(process.env['VARVE_SEED'] ?? Math.floor(Math.random() * 1_000_000) + 1)
const disruptions = Number(process.env['VARVE_DISRUPTIONS'] ?? 8)
const transactions = Number(process.env['VARVE_TRANSACTIONS'] ?? 2_000)

describe(`books kept by processes that come and go ${disruptions} times (VARVE_SEED=${seed})`, () => {
  const random = new SeededRandom(seed)
  const rows = generateLedger({ accounts: 60, transactions, seed })
  const running: ChildProcess[] = []
  const done = { killed: 0, stopped: 0, added: 0 }
  let servers: LocalServers
  let mongoUrl: string
  beforeAll(async () => {
    ;({ servers, mongoUrl } = await hostBank())
  })
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await servers.close()
  })

  const add = (): Promise<void> => startProcess(running, script, [servers.eventStoreUrl, mongoUrl])

  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const [child] = running.splice(random.integer(0, running.length - 1), 1)
    if (!child) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  /** Two processes at first, then one to three of them; most are killed, some are stopped. */
  const disrupt = async (): Promise<void> => {
    if (running.length < 2 || (running.length < 3 && random.chance(0.3))) {
      done.added += 1
      await add()
    } else if (random.chance(0.7)) {
      done.killed += 1
      await end('SIGKILL')
    } else {
      done.stopped += 1
      await end('SIGTERM')
    }
  }

  /** How many events each balance says it has: what shows whether one was lost or applied twice. */
  const eventsOfDocuments = async (): Promise<ReadonlyMap<unknown, unknown>> => {
    const connection = new MongoConnection({ url: mongoUrl })
    const balances = await connection.database.collection('account_balances__v1_1').find().toArray()
    await connection.close()
    return new Map(
      balances.map(({ _id, _meta }) => [_id, (_meta as { events: unknown }).events] as const),
    )
  }

  /** One for the opening of the account and one for each booking. */
  const eventsOfLedger = (): ReadonlyMap<unknown, unknown> => {
    const expected = new Map<string, number>()
    for (const { accountId } of rows) expected.set(accountId, (expected.get(accountId) ?? 1) + 1)
    return expected
  }

  it('agree with the ledger, and every event is in them once', async () => {
    await Promise.all([add(), add()])
    const bookings = await bookDisturbed(servers.eventStoreUrl, rows, {
      times: disruptions,
      disturb: disrupt,
    })
    while (running.length < 2) await add()
    await using app = await createApplication({
      definitions: bank,
      eventStore: servers.eventStoreUrl,
      readModels: mongoUrl,
      projections: { leaseMs: 2_000 },
    })
    await waitForProjections(app, bookings)
    expect(await checkBooks(app, rows)).toEqual([])
    expect(await eventsOfDocuments()).toEqual(eventsOfLedger())
    console.log(`${rows.length} bookings; processes ${JSON.stringify(done)}`)
    expect(done.killed + done.stopped + done.added).toBe(disruptions)
  }, 600_000)
})
