// A rebuild from snapshots against one from events: accounts of 1,000 events each whose last snapshot is 250 events old,
// as it is on average where one is taken every 500. Once with the whole log read, once where first events are known.
// Longer: VARVE_SNAPSHOT_ACCOUNTS=1000 npm run benchmark -- --only rebuild-from
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import {
  defineAggregate,
  defineEvent,
  defineProjection,
  defineReadModel,
  evolveWith,
  fromSnapshot,
  on,
} from '@varve/core'
import { EventStoreDBEventStore, EventStoreDBSnapshotStore } from '@varve/eventstoredb'
import { MongoConnection, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'
import { compare, inFlight, inTurn } from './measure.mjs'
import { wire } from './wiring.mjs'

const accounts = Number(process.env.VARVE_SNAPSHOT_ACCOUNTS ?? 100)
const perAccount = 1_000
const snapshotAt = 750
const rounds = 3

export async function measure({ eventStoreUrl, mongoUrl }) {
  const suffix = randomUUID().slice(0, 8)
  const client = EventStoreDBClient.connectionString(eventStoreUrl)
  const eventStore = new EventStoreDBEventStore({ connectionString: eventStoreUrl })
  const snapshotStore = new EventStoreDBSnapshotStore(eventStore)
  const connection = new MongoConnection({ url: mongoUrl })
  const { projections, names } = open(suffix, {
    eventStore,
    snapshotStore,
    readModels: new MongoReadModelStore({ connection }),
    leases: new MongoLeaseStore({ connection }),
  })
  await fill(client, snapshotStore, suffix)
  const rebuild = (name, from) => async () => {
    const { events, snapshots } = await projections.rebuild(name, { from, graceMs: 2_000 })
    if (from === 'snapshots' && snapshots !== accounts) throw new Error(`${snapshots} snapshots`)
    if (from === 'events' && events !== accounts * perAccount) throw new Error(`${events} events`)
    return accounts * perAccount
  }
  const [byEvents, byLog, byFirst] = await inTurn(rounds, [
    rebuild(names[0], 'events'),
    rebuild(names[0], 'snapshots'),
    rebuild(names[1], 'snapshots'),
  ])
  await projections.stop()
  await eventStore.close()
  await connection.close()
  await client.dispose()
  return [
    compare('rebuild from snapshots and the whole log', 'events/s', byLog, byEvents),
    compare('rebuild from snapshots and first events', 'events/s', byFirst, byEvents),
  ]
}

/** Two projections of the same accounts: of one it is known what their streams begin with. */
function open(suffix, ports) {
  const opened = defineEvent(`account.opened.${suffix}`)
  const deposited = defineEvent(`account.deposited.${suffix}`)
  const account = defineAggregate(`account${suffix}`, {
    initial: () => ({ owner: '', balance: 0 }),
    decide: [],
    evolve: [
      evolveWith(opened, (state, { owner }) => ({ ...state, owner })),
      evolveWith(deposited, (state, { amount }) => ({
        ...state,
        balance: state.balance + amount,
      })),
    ],
    snapshot: { every: 500 },
  })
  const names = [`plain-${suffix}`, `first-${suffix}`]
  const definitions = names.map((name, index) => {
    const model = defineReadModel(name)
    return defineProjection(name, {
      into: model,
      handlers: [
        on(opened, model, ({ owner }, _, { aggregateId }) => ({
          _id: aggregateId,
          owner,
          balance: 0,
        })),
        on(deposited, model, ({ amount }, document) => {
          document.balance += amount
        }),
      ],
      fromSnapshot: fromSnapshot(
        account,
        model,
        (state, { aggregateId }) => ({ _id: aggregateId, ...state }),
        index === 1 ? { firstEvents: [opened] } : {},
      ),
    })
  })
  return { ...wire({ definitions: [account, ...definitions], ...ports }), names }
}

/** Fills all streams side by side, so that their events lie between each other, and takes the snapshots. */
async function fill(client, snapshotStore, suffix) {
  const metadata = { schemaVersion: 1 }
  const deposit = () =>
    jsonEvent({ type: `account.deposited.${suffix}`, data: { amount: 1 }, metadata })
  const first = () =>
    jsonEvent({ type: `account.opened.${suffix}`, data: { owner: 'Ada' }, metadata })
  const pieces = 20
  await inFlight(8, accounts * pieces, async (index) => {
    const piece = Math.floor(index / accounts)
    const events = Array.from({ length: perAccount / pieces }, deposit)
    if (piece === 0) events[0] = first()
    await client.appendToStream(`account${suffix}-${index % accounts}`, events)
  })
  await inFlight(8, accounts, (index) =>
    snapshotStore.save({
      stream: `account${suffix}-${index}`,
      revision: BigInt(snapshotAt - 1),
      version: 1,
      state: { owner: 'Ada', balance: snapshotAt - 1 },
      takenAt: new Date(),
    }),
  )
}
