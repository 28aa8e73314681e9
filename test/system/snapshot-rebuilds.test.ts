// Read models rebuilt from the snapshots of their aggregates, on EventStoreDB and MongoDB: with events that arrive
// meanwhile, with processes that die, with tenants, and with persons who are forgotten.
import { collectionName, forgotten } from '@varve/core'
import { hostServers, type LocalServers } from '@varve/local'
import {
  MongoConnection,
  MongoLeaseStore,
  MongoReadModelStore,
  MongoSubjectKeyStore,
} from '@varve/mongodb'
import { SeededRandom } from '@varve/testing'
import {
  Aggregate,
  AggregateId,
  AggregateRoot,
  type Application,
  type ApplicationOptions,
  Applies,
  Command,
  createApplication,
  Event,
  type EventContext,
  FromSnapshot,
  Handles,
  On,
  PersonalData,
  Projection,
  ReadModel,
  silentLogger,
  type SnapshotContext,
} from 'varve'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

@Event('pot.filled')
class PotFilled {
  @PersonalData() readonly by: string
  constructor(
    by: string,
    readonly amount: number,
  ) {
    this.by = by
  }
}

@Command('pot.fill')
class FillPot {
  @AggregateId() readonly potId!: string
  readonly by!: string
  readonly amounts!: readonly number[]
}

@Aggregate('pot', { snapshot: { every: 5 } })
class Pot extends AggregateRoot {
  #sum = 0
  #last = ''
  #count = 0
  get view() {
    return { last: this.#last, sum: this.#sum, count: this.#count }
  }
  @Handles(FillPot)
  fill({ by, amounts }: FillPot): void {
    this.emit(...amounts.map((amount) => new PotFilled(by, amount)))
  }
  @Applies(PotFilled)
  filled({ by, amount }: PotFilled): void {
    this.#sum += amount
    this.#last = by
    this.#count += 1
  }
  toSnapshot() {
    return this.view
  }
  fromSnapshot({ last, sum, count }: Pot['view']): void {
    this.#last = last
    this.#sum = sum
    this.#count = count
  }
}

@ReadModel('pots')
class PotView {
  readonly _id!: string
  last!: string
  sum!: number
  count!: number
}

class Filling {
  @On(PotFilled)
  filled({ by, amount }: PotFilled, pot: PotView | undefined, context: EventContext): PotView {
    const { sum = 0, count = 0 } = pot ?? {}
    return { _id: context.aggregateId, last: by, sum: sum + amount, count: count + 1 }
  }
}

@Projection('pots', { into: PotView })
class Pots extends Filling {
  @FromSnapshot(Pot)
  stored({ view }: Pot, { aggregateId }: SnapshotContext): PotView {
    return { _id: aggregateId, ...view }
  }
}

@Projection('pots', { into: PotView })
class FoundPots extends Filling {
  @FromSnapshot(Pot, { firstEvents: [PotFilled] })
  stored({ view }: Pot, { aggregateId }: SnapshotContext): PotView {
    return { _id: aggregateId, ...view }
  }
}

const from = 'snapshots'
let servers: LocalServers
let databases = 0
beforeAll(async () => {
  servers = await hostServers()
})
afterAll(() => servers.close())

/** A log and a database of their own. */
async function place() {
  const own = await hostServers()
  const url = new URL(servers.mongoUrl)
  url.pathname = `/pots${(databases += 1)}`
  const connection = new MongoConnection({ url: url.href })
  const store = new MongoReadModelStore({ connection })
  return {
    connection,
    store,
    start: (pots: typeof Pots, options: Partial<ApplicationOptions> = {}) =>
      createApplication({
        definitions: [Pot, pots],
        eventStore: own.eventStoreUrl,
        readModels: url.href,
        logger: silentLogger,
        projections: { leaseMs: 500, graceMs: 0 },
        ...options,
      }),
    /** What readers see, with the positions of the documents. */
    documents: async () => {
      const { active } = (await store.generations('pots')) ?? {}
      if (!active) return []
      const collection = connection.database.collection<
        PotView & { _meta?: { position: unknown } }
      >(collectionName({ name: 'pots', history: false, indexes: [] } as never, active))
      const found = await collection.find({}, { sort: { _id: 1 } }).toArray()
      return found.map(({ _meta, ...document }) => ({
        ...document,
        position: String(_meta?.position),
      }))
    },
    close: async () => {
      await connection.close()
      await own.close()
    },
  }
}

async function fill(app: Application, random: SeededRandom, tenant?: string): Promise<void> {
  for (let count = 0; count < 40; count += 1)
    await app.execute(
      FillPot,
      {
        potId: `p${random.integer(0, 9)}`,
        by: random.pick(['Ada', 'Bob']),
        amounts: Array.from({ length: random.integer(1, 4) }, (_, index) => index),
      },
      tenant === undefined ? {} : { tenant },
    )
}

describe.each([Pots, FoundPots])('documents made from snapshots by $name', (pots) => {
  test('are those made from events, while events arrive', async () => {
    const { start, documents, close } = await place()
    const random = new SeededRandom(1)
    const app = await start(pots)
    await fill(app, random)
    const filling = fill(app, random)
    const { snapshots } = await app.projections.rebuild('pots', { from, batch: 3 })
    await filling
    expect(snapshots).toBeGreaterThan(5)
    await app.projections.rebuild('pots', { from, batch: 3 })
    const built = await documents()
    await app.projections.rebuild('pots')
    expect(built).toEqual(await documents())
    expect(built).toHaveLength(10)
    await app.close()
    await close()
  })

  test('are those made from events, where the process that made them died', async () => {
    const { start, documents, connection, close } = await place()
    const random = new SeededRandom(2)
    const app = await start(pots)
    await fill(app, random)
    for (let calls = 1; calls <= 25; calls += 6) {
      const { readModels, leases } = mortal(connection, calls)
      const subjectKeys = new MongoSubjectKeyStore({ connection })
      const dying = await start(pots, { readModels: { readModels, leases }, subjectKeys })
      await app.projections.stop('pots')
      await dying.projections.rebuild('pots', { from, batch: 5 }).catch(() => undefined)
      await dying.close().catch(() => undefined)
      app.projections.start('pots')
      await fill(app, random)
      const { generation } = await app.projections.rebuild('pots', { from })
      expect(generation.number).toBeGreaterThan(1)
      const built = await documents()
      await app.projections.rebuild('pots')
      expect(built).toEqual(await documents())
    }
    await app.close()
    await close()
  }, 60_000)

  test('are those of their tenants', async () => {
    const { start, documents, close } = await place()
    const app = await start(pots, { tenants: true })
    await fill(app, new SeededRandom(3), 'acme')
    await fill(app, new SeededRandom(4), 'other.one')
    const { snapshots } = await app.projections.rebuild('pots', { from })
    expect(snapshots).toBeGreaterThan(10)
    const built = await documents()
    expect(built[0]).toMatchObject({ _id: 'acme.p0', _tenant: 'acme' })
    await app.projections.rebuild('pots')
    expect(built).toEqual(await documents())
    await app.close()
    await close()
  })

  test('have nothing of a person who was forgotten', async () => {
    const { start, documents, close } = await place()
    const app = await start(pots)
    await fill(app, new SeededRandom(5))
    const before = await app.projections.rebuild('pots', { from })
    await app.forget('p3')
    const { snapshots } = await app.projections.rebuild('pots', { from })
    expect(snapshots).toBe(before.snapshots - 1)
    const built = await documents()
    const lastOf = (id: string) => built.find(({ _id }) => _id === id)?.last
    expect([lastOf('p3'), lastOf('p4')]).toEqual([forgotten, expect.stringMatching(/Ada|Bob/)])
    await app.projections.rebuild('pots')
    expect(built).toEqual(await documents())
    await app.close()
    await close()
  })
})

/** Stores of a process that dies at one of its writes. */
function mortal(connection: MongoConnection, calls: number) {
  const store = new MongoReadModelStore({ connection })
  let left = calls
  const names = new Set<PropertyKey>(['commit', 'create', 'drop', 'load', 'saveGenerations'])
  const readModels = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      const call = member.bind(target) as (...args: unknown[]) => unknown
      if (name === 'close') return () => Promise.resolve()
      if (!names.has(name)) return call
      return (...args: unknown[]) => {
        left -= 1
        if (left < 0) return Promise.reject(new RangeError('dead'))
        return call(...args)
      }
    },
  })
  return { readModels, leases: new MongoLeaseStore({ connection }) }
}
