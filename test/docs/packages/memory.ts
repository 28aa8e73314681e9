// #region ports
import {
  InMemoryEventStore,
  InMemoryLeaseStore,
  InMemoryReadModelStore,
  InMemorySnapshotStore,
} from '@varve/memory'

export const eventStore = new InMemoryEventStore()
export const snapshotStore = new InMemorySnapshotStore()
export const readModels = new InMemoryReadModelStore({ level: 'idempotent' })
export const leases = new InMemoryLeaseStore()
// #endregion ports
