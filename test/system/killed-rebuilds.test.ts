// The bank's read models rebuilt, cancelled and rolled back at random by processes that are killed at random.
// Longer: VARVE_REBUILDS=60 VARVE_TRANSACTIONS=20000 npx vitest run test/system/killed-rebuilds.test.ts
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { collectionName, defineReadModel, type ReadModelStore } from '@varve/core'
import type { LocalServers } from '@varve/local'
import { MongoConnection, MongoReadModelStore } from '@varve/mongodb'
import { SeededRandom } from '@varve/testing'
import { type Application, createApplication } from 'varve'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bank } from '../../examples/bank/src/bank.ts'
import { checkBooks } from '../../examples/bank/src/ledger/check-books.ts'
import { generateLedger } from '../../examples/bank/src/ledger/generate-ledger.ts'
import { waitForProjections } from '../../examples/bank/src/ledger/wait-for-projections.ts'
import { GetTotals } from '../../examples/bank/src/queries/totals.ts'
import { bookDisturbed, hostBank, startProcess } from './disturbed-bank.ts'

const script = fileURLToPath(new URL('killed-rebuilds/rebuild.mjs', import.meta.url))
const seed = Number(process.env['VARVE_SEED'] ?? Math.floor(Math.random() * 1_000_000) + 1)
const rebuilds = Number(process.env['VARVE_REBUILDS'] ?? 4)
const transactions = Number(process.env['VARVE_TRANSACTIONS'] ?? 600)
const projections = ['account-balances', 'monthly-statements', 'bank-totals'] as const

describe(`read models rebuilt ${rebuilds} times by processes that are killed (VARVE_SEED=${seed})`, () => {
  const random = new SeededRandom(seed)
  const rows = generateLedger({ accounts: 40, transactions, seed })
  const running: ChildProcess[] = []
  const done = { rebuild: 0, cancel: 0, rollback: 0, kill: 0 }
  let servers: LocalServers
  let connection: MongoConnection
  let store: ReadModelStore
  let mongoUrl: string
  beforeAll(async () => {
    ;({ servers, mongoUrl } = await hostBank())
    connection = new MongoConnection({ url: mongoUrl })
    store = new MongoReadModelStore({ connection })
  })
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await connection.close()
    await servers.close()
  })

  const add = (): Promise<void> => startProcess(running, script, [servers.eventStoreUrl, mongoUrl])

  const kill = async (child: ChildProcess): Promise<void> => {
    done.kill += 1
    running.splice(running.indexOf(child), 1)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    await add()
  }

  /** Something for one process to do, and a moment later perhaps its end. */
  const disrupt = async (): Promise<void> => {
    const child = running[random.integer(0, running.length - 1)] as ChildProcess
    const name = random.pick(projections)
    const act = random.pick(['rebuild', 'rebuild', 'rollback', 'cancel'] as const)
    done[act] += 1
    child.stdin?.write(`${act === 'cancel' ? 'rebuild' : act} ${name}\n`)
    await sleep(random.integer(0, 150))
    if (act === 'cancel') child.stdin?.write(`cancel ${name}\n`)
    if (random.chance(0.6)) await kill(child)
  }

  /** Asks all the time; every answer must have at least what the one before had. */
  const watch = (app: Application) => {
    const state = { isOver: false }
    let answers = 0
    const older: string[] = []
    const watching = (async () => {
      for (let before = 0; !state.isOver;) {
        const totals = await app.query(new GetTotals())
        const deposits = totals?.deposits ?? 0
        if (deposits < before) older.push(`${deposits} deposits after ${before}`)
        before = Math.max(before, deposits)
        answers += 1
        await sleep(1)
      }
    })()
    return {
      stop: async () => {
        state.isOver = true
        await watching
        return { answers, older }
      },
    }
  }

  /** Names of the collections that hold documents, and of those that should. */
  const collections = async (): Promise<{ found: readonly string[]; named: readonly string[] }> => {
    const listed = await connection.database.listCollections({}, { nameOnly: true }).toArray()
    const found = listed.map(({ name }) => name).filter((name) => /__v\d+_\d+$/.test(name))
    const named: string[] = []
    for (const name of projections) {
      const { active } = (await store.generations(name)) ?? {}
      const model = defineReadModel(name.replaceAll('-', '_'))
      if (active) named.push(collectionName(model, active))
    }
    return { found: found.sort(), named: named.sort() }
  }
  it('are whole and current at every moment, and nothing else is left', async () => {
    await Promise.all([add(), add()])
    const app = await createApplication({
      definitions: bank,
      eventStore: servers.eventStoreUrl,
      readModels: mongoUrl,
      projections: { leaseMs: 1_000, graceMs: 3_000 },
    })
    try {
      const watching = watch(app)
      const bookings = await bookDisturbed(servers.eventStoreUrl, rows, {
        times: rebuilds,
        disturb: disrupt,
      })
      await waitForProjections(app, bookings)
      const { answers, older } = await watching.stop()
      expect(older).toEqual([])
      expect(await checkBooks(app, rows)).toEqual([])
      await expect
        .poll(
          async () => {
            const { found, named } = await collections()
            return found.filter((name) => !named.includes(name))
          },
          { timeout: 30_000, interval: 200 },
        )
        .toEqual([])
      const { found, named } = await collections()
      expect(found).toEqual(named)
      expect(await checkBooks(app, rows)).toEqual([])
      console.log(`${rows.length} bookings, ${answers} answers; ${JSON.stringify(done)}`)
    } finally {
      await app.close()
    }
  }, 600_000)
})
