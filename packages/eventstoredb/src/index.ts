export type {
  ClientLibrary,
  DbClientLibrary,
  KurrentDBClientLibrary,
} from './client-library/client-library.ts'
export { EventStoreDBConsumerGroupStore } from './eventstoredb-consumer-group-store.ts'
export {
  ConflictingClientError,
  EventStoreAccessDeniedError,
  EventStoreFailedError,
  InvalidSubscriptionError,
  MissingClientError,
  UnsupportedClientError,
} from './eventstoredb-errors.ts'
export { EventStoreDBEventStore } from './eventstoredb-event-store.ts'
export type { EventStoreDBOptions, RetryOptions } from './eventstoredb-options.ts'
export {
  EventStoreDBSnapshotStore,
  type EventStoreDBSnapshotStoreOptions,
} from './eventstoredb-snapshot-store.ts'
