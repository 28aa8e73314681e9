export { ExactlyOnceUnavailableError } from './connection/exactly-once-unavailable-error.ts'
export {
  MongoConnection,
  type MongoConnectionOptions,
  type MongoTarget,
} from './connection/mongo-connection.ts'
export {
  ReadModelStoreAccessDeniedError,
  ReadModelStoreClosedError,
  ReadModelStoreRejectedError,
} from './connection/read-model-store-errors.ts'
export { MongoDeadLetterStore } from './dead-letter/mongodb-dead-letter-store.ts'
export { MongoHandledEventStore } from './event-handler/mongodb-handled-event-store.ts'
export { MongoHandlerProgressStore } from './event-handler/mongodb-handler-progress-store.ts'
export { MongoLeaseStore } from './lease/mongodb-lease-store.ts'
export { MongoReadModelChanges } from './live-query/mongodb-read-model-changes.ts'
export {
  MongoReadModelStore,
  type MongoReadModelStoreOptions,
  type MongoStoreTarget,
} from './mongodb-read-model-store.ts'
export { MongoSubjectKeyStore } from './privacy/mongodb-subject-key-store.ts'
export { PastViewUnsupportedError } from './view/past-view-errors.ts'
export type { ReadModelView } from './view/read-model-view.ts'
