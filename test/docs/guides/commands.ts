// #region run
import { createApplication, silentLogger } from 'varve'
import { HoldSeat, Show } from './seats.ts'

await using app = await createApplication({
  definitions: [Show],
  eventStore: 'memory:',
  readModels: 'memory:',
  logger: silentLogger,
})
const hold = (seat: string, guest: string, id?: string) =>
  app.execute(HoldSeat, { showId: 's1', seat, guest }, id === undefined ? {} : { id })

const print = (error: unknown) => console.log((error as Error).message)

await Promise.all(['A1', 'A2', 'A3'].map((seat) => hold(seat, 'Ada')))
await hold('A1', 'Grace').catch(print)
// #endregion run

// #region repeat
const first = await hold('B1', 'Grace', 'request-17')
const again = await hold('B1', 'Grace', 'request-17')
console.log(again.isRepeated && again.revision === first.revision)

await hold('B2', 'Grace', 'request-17').catch(print)
// #endregion repeat

// #region snapshots
await app.snapshots.rebuild(Show, 's1')
for (const { revision, version } of await app.snapshots.list(Show, 's1'))
  console.log(`revision ${revision}, version ${version}`)
console.log(JSON.stringify(app.snapshots.status()))
// #endregion snapshots
