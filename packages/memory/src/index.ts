export {
  InMemoryConsumerGroupStore,
  type InMemoryConsumerGroupStoreOptions,
} from './consumer-group/in-memory-consumer-group-store.ts'
export {
  InMemoryDeadLetterStore,
  type InMemoryDeadLetterStoreOptions,
} from './dead-letter/in-memory-dead-letter-store.ts'
export {
  InMemoryHandledEventStore,
  type InMemoryHandledEventStoreOptions,
} from './event-handler/in-memory-handled-event-store.ts'
export { InMemoryHandlerProgressStore } from './event-handler/in-memory-handler-progress-store.ts'
export {
  InMemoryEventStore,
  type InMemoryEventStoreOptions,
} from './event-store/in-memory-event-store.ts'
export {
  InMemoryLeaseStore,
  type InMemoryLeaseStoreOptions,
} from './lease/in-memory-lease-store.ts'
export { InMemoryReadModelChanges } from './live-query/in-memory-read-model-changes.ts'
export type {
  CountOptions,
  Filter,
  FindOptions,
  Sort,
  SortDirection,
} from './read-model/find-options.ts'
export { InMemoryCursor } from './read-model/in-memory-cursor.ts'
export { InMemoryFindCursor } from './read-model/in-memory-find-cursor.ts'
export { InvalidQueryError } from './read-model/in-memory-read-model-errors.ts'
export {
  InMemoryReadModelStore,
  type InMemoryReadModelStoreOptions,
} from './read-model/in-memory-read-model-store.ts'
export { InMemoryReadModelView } from './read-model/in-memory-read-model-view.ts'
export { InMemorySnapshotStore } from './snapshot/in-memory-snapshot-store.ts'
export { InMemorySubjectKeyStore } from './privacy/in-memory-subject-key-store.ts'
