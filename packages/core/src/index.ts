export { type Clock, systemClock } from './environment/clock.ts'
export { type IdGenerator, randomIds } from './environment/id-generator.ts'
export { type LogFields, type Logger, silentLogger } from './environment/logger.ts'
export {
  EventStoreClosedError,
  EventStoreUnavailableError,
  EventTooLargeError,
  InvalidConnectionStringError,
  StreamDeletedError,
} from './event-store/event-store-errors.ts'
export type {
  AppendOptions,
  AppendResult,
  EventStore,
  ReadAllOptions,
  ReadStreamOptions,
} from './event-store/event-store.ts'
export type {
  EventSubscription,
  SubscribeOptions,
  SubscriptionBatch,
  SubscriptionState,
  SubscriptionStateChange,
} from './event-store/event-subscription.ts'
export {
  type ExpectedRevision,
  WrongExpectedRevisionError,
} from './event-store/expected-revision.ts'
export type { EventMetadata, EventToAppend, RecordedEvent } from './event-store/recorded-event.ts'
export {
  aggregateIdOf,
  categoryOf,
  checkCategory,
  InvalidStreamNameError,
  type StreamName,
  streamName,
  toStreamName,
} from './event-store/stream-name.ts'
export type { Lease, LeaseStore } from './lease/lease-store.ts'
export type { Constructor } from './message/constructor.ts'
export {
  checkpointId,
  collectionName,
  type Generation,
  GenerationConflictError,
  type GenerationRecord,
} from './read-model/generation.ts'
export {
  defineReadModel,
  type IndexDefinition,
  type ReadModelDefinition,
  type ReadModelDocument,
  type ReadModelOptions,
} from './read-model/read-model-definition.ts'
export {
  CheckpointConflictError,
  DocumentTooLargeError,
  ReadModelStoreUnavailableError,
} from './read-model/read-model-errors.ts'
export type {
  Checkpoint,
  ConsistencyLevel,
  DocumentVersion,
  DocumentWrite,
  ReadModelCommit,
  ReadModelStore,
  StoredDocument,
  ViewPoint,
} from './read-model/read-model-store.ts'
export type { JsonObject, JsonValue } from './serialization/json-value.ts'
export type { LoadSnapshotOptions, Snapshot, SnapshotStore } from './snapshot/snapshot-store.ts'
export { isVarveError, VarveError } from './varve-error.ts'
