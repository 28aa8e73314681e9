import { createApplication, silentLogger } from 'varve'
import { Parcel, Parcels, ScanParcel } from './parcels.ts'

await using app = await createApplication({
  definitions: [Parcel, Parcels],
  eventStore: 'memory:',
  readModels: 'memory:',
  logger: silentLogger,
})
for (const parcelId of ['p1', 'p2'])
  for (let scan = 1; scan <= 120; scan += 1)
    await app.execute(ScanParcel, { parcelId, at: `gate ${scan}` })

// #region rebuild
const { snapshots, events } = await app.projections.rebuild('parcels', { from: 'snapshots' })
console.log(`${snapshots} documents from snapshots, ${events} events beside them`)
const checked = await app.projections.rebuild('parcels', { verify: true })
console.log(`${checked.differing} of ${checked.documents} differ from what the events say`)
// #endregion rebuild
