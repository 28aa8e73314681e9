export {
  InMemoryEventStore,
  type InMemoryEventStoreOptions,
} from './event-store/in-memory-event-store.ts'
export { InvalidAppendError } from './event-store/in-memory-event-store-errors.ts'
export {
  InMemoryLeaseStore,
  type InMemoryLeaseStoreOptions,
} from './lease/in-memory-lease-store.ts'
export { InMemorySnapshotStore } from './snapshot/in-memory-snapshot-store.ts'
