export type {
  AggregateCacheOptions,
  AggregateDefinition,
  CommandContext,
  CommandHandling,
  Decide,
  Decision,
  EventHandling,
  EventOrigin,
  Evolve,
  SnapshotPolicy,
} from './aggregate/aggregate-definition.ts'
export {
  AggregateBusyError,
  AggregateNotFoundError,
  ConcurrencyError,
  EmitOutsideDecisionError,
  SeveralAggregatesError,
  UnattachedAggregateError,
} from './aggregate/aggregate-errors.ts'
export {
  AggregateRepository,
  type LoadedAggregate,
  type RepositoryPorts,
} from './aggregate/aggregate-repository.ts'
export { AggregateRoot } from './aggregate/aggregate-root.ts'
export type {
  Conflict,
  ConflictAnswer,
  ConflictHandling,
  ConflictPolicy,
  MergeConflict,
} from './aggregate/conflict.ts'
export {
  type AggregateOptions,
  type Decider,
  type DeciderResult,
  type DecideOn,
  type DecideOptions,
  decideOn,
  defineAggregate,
  type EvolveWith,
  evolveWith,
  type SnapshotOptions,
} from './aggregate/define-aggregate.ts'
export {
  type AggregateClassOptions,
  defineAggregateClass,
  type HandlesOptions,
  type SnapshotMethods,
} from './aggregate/define-aggregate-class.ts'
export { CommandIdReusedError, UnknownCommandError, UnknownQueryError } from './bus/bus-errors.ts'
export { CommandBus, type CommandBusOptions, type SnapshotCounts } from './bus/command-bus.ts'
export type { CommandEnvelope, CommandMiddleware, CommandStep } from './bus/command-envelope.ts'
export type { CommandResult, ExecuteOptions } from './bus/command-result.ts'
export {
  QueryBus,
  type QueryBusOptions,
  type QueryOptions,
  type RoutedQuery,
} from './bus/query-bus.ts'
export type { QueryEnvelope, QueryMiddleware, QueryStep } from './bus/query-envelope.ts'
export { CircuitBreaker } from './circuit-breaker/circuit-breaker.ts'
export type {
  CircuitBreakerOptions,
  CircuitState,
  CircuitStateChange,
  CircuitStatus,
} from './circuit-breaker/circuit-breaker-options.ts'
export {
  circuitAroundCommands,
  circuitAroundQueries,
} from './circuit-breaker/circuit-middleware.ts'
export { CircuitOpenError } from './circuit-breaker/circuit-open-error.ts'
export { DeadLetterTooLargeError } from './dead-letter/dead-letter-errors.ts'
export type {
  DeadLetter,
  DeadLetterCause,
  DeadLetterFilter,
  DeadLetterId,
  DeadLetterQueue,
  DeadLetterSearch,
  DeadLetterState,
  DeadLetterStore,
  LetterDelivery,
} from './dead-letter/dead-letter-store.ts'
export {
  type ConnectedConsumer,
  checkConsumerGroup,
  type ConsumerGroup,
  type ConsumerGroupSettings,
  type ConsumerGroupStatus,
  type ConsumerStrategy,
  describeSource,
} from './consumer-group/consumer-group.ts'
export {
  ConsumerGroupConflictError,
  ConsumerGroupNotFoundError,
  DeliveryLostError,
  InvalidConsumerGroupError,
} from './consumer-group/consumer-group-errors.ts'
export type {
  ConsumerGroupStore,
  ReplayParkedOptions,
} from './consumer-group/consumer-group-store.ts'
export type {
  ConsumeOptions,
  Consumer,
  ConsumerState,
  ConsumerStateChange,
  Delivery,
  NackAction,
} from './consumer-group/consumer.ts'
export type { ParkedEvent } from './consumer-group/parked-event.ts'
export { type Clock, systemClock } from './environment/clock.ts'
export { type IdGenerator, randomIds } from './environment/id-generator.ts'
export { type LogFields, type Logger, silentLogger } from './environment/logger.ts'
export type { EventHandlerContext } from './event-handler/event-handler-context.ts'
export {
  EventHandlerDeadLetters,
  type HandlerLetterSelection,
} from './event-handler/event-handler-dead-letters.ts'
export {
  defineEventHandler,
  type DeliveryMode,
  type EventHandlerDefinition,
  type EventHandlerOptions,
  type EventHandlerSettings,
  type FailurePolicy,
  reactTo,
  type Reaction,
} from './event-handler/event-handler-definition.ts'
export {
  EventHandlerConflictError,
  EventHandlerError,
  EventHandlerHaltedError,
  EventHandlerInterruptedError,
  EventHandlerLagError,
  EventHandlerTimeoutError,
  HandlerInterruptedCallError,
  HandlerLetterLimitError,
  NotTheNextEventError,
  ReplayRefusedError,
  UnknownEventHandlerError,
} from './event-handler/event-handler-errors.ts'
export type { EventHandlerPorts, EventHandlerTuning } from './event-handler/event-handler-ports.ts'
export type { EventHandlerState, EventHandlerStatus } from './event-handler/event-handler-status.ts'
export {
  EventHandlers,
  type HandlerReplayOptions,
  type HandlerWaitOptions,
} from './event-handler/event-handlers.ts'
export type { HandledEventStore } from './event-handler/handled-event-store.ts'
export type {
  HandlerProgress,
  HandlerProgressStore,
} from './event-handler/handler-progress-store.ts'
export {
  IdempotentConsumer,
  type IdempotentConsumerOptions,
} from './event-handler/idempotent-consumer.ts'
export {
  EventStoreClosedError,
  EventStoreUnavailableError,
  EventTooLargeError,
  InvalidAppendError,
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
export type {
  DeleteStreamOptions,
  ExpectedForDeletion,
  SetStreamSettingsOptions,
  StreamAdministration,
} from './event-store/stream-administration.ts'
export {
  aggregateIdOf,
  categoryOf,
  checkCategory,
  InvalidStreamNameError,
  type StreamName,
  streamName,
  toStreamName,
} from './event-store/stream-name.ts'
export {
  checkStreamSettings,
  type ExpectedSettings,
  InvalidStreamSettingsError,
  type RecordedStreamSettings,
  type StreamAcl,
  type StreamSettings,
  StreamSettingsConflictError,
} from './event-store/stream-settings.ts'
export type { Lease, LeaseStore } from './lease/lease-store.ts'
export {
  LiveQueries,
  type LiveQueriesOptions,
  type LiveQueriesStatus,
} from './live-query/live-queries.ts'
export type { LiveQuery, LiveQueryOptions } from './live-query/live-query.ts'
export { LiveQueriesClosedError, LiveQueryIteratedError } from './live-query/live-query-errors.ts'
export type {
  ReadModelChange,
  ReadModelChangeListener,
  ReadModelChanges,
  ReadModelWatch,
  WatchedReadModel,
} from './live-query/read-model-changes.ts'
export {
  type FeedState,
  type LiveQueriesTuning,
  ReadModelFeed,
  type ReadModelFeedOptions,
} from './live-query/read-model-feed.ts'
export {
  type CommandDefinition,
  type CommandOptions,
  defineCommand,
} from './message/command-definition.ts'
export {
  type CommandHandlerDefinition,
  defineCommandHandler,
} from './message/command-handler-definition.ts'
export type { Constructor } from './message/constructor.ts'
export {
  defineEvent,
  type EventDefinition,
  type EventOptions,
  type FieldKind,
} from './message/event-definition.ts'
export {
  createSingletonResolver,
  HandlerNotResolvableError,
  type HandlerResolver,
  type HandlerScope,
} from './message/handler-resolver.ts'
export {
  InvalidMessageError,
  type MessageValidator,
  uncheckedMessages,
  type ValidationTarget,
  type Violation,
} from './message/message-validator.ts'
export { Query, type ResultOf } from './message/query.ts'
export {
  defineQueryHandler,
  type QueryContext,
  type QueryHandlerDefinition,
} from './message/query-handler-definition.ts'
export type {
  ApplicationModel,
  CommandRoute,
  Definition,
  ReadModelRoute,
} from './model/application-model.ts'
export { buildModel } from './model/build-model.ts'
export { ConfigurationError } from './model/configuration-error.ts'
export {
  type DefinitionCollector,
  definitionCollector,
  definitionsOf,
} from './model/definition-source.ts'
export { holdsPersonalData } from './privacy/holds-personal-data.ts'
export {
  forgotten,
  type PersonalFieldOptions,
  type PersonalFields,
} from './privacy/personal-field.ts'
export { masterKeyOf, withMasterKey } from './privacy/master-key.ts'
export {
  ForgottenSubjectError,
  InvalidMasterKeyError,
  MissingSubjectError,
} from './privacy/privacy-errors.ts'
export { withPrivateDeadLetters } from './privacy/private-dead-letters.ts'
export { PrivateEvents, type PrivateEventsOptions } from './privacy/private-events.ts'
export { PrivateEventStore } from './privacy/private-event-store.ts'
export {
  type PrivateSnapshotOptions,
  PrivateSnapshotStore,
} from './privacy/private-snapshot-store.ts'
export type { SubjectKey, SubjectKeyStore } from './privacy/subject-key-store.ts'
export { SubjectKeys, type SubjectKeysOptions } from './privacy/subject-keys.ts'
export type { BuildResult } from './projection/rebuild/build-generation.ts'
export { Rebuild } from './projection/rebuild/rebuild-handle.ts'
export { RebuildCancelledError } from './projection/rebuild/catch-up.ts'
export type { EventContext } from './projection/event-context.ts'
export {
  type DocumentOfState,
  fromSnapshot,
  type FromSnapshotOptions,
  type SnapshotContext,
  type SnapshotHandler,
} from './projection/from-snapshot.ts'
export {
  type ApplyToDocument,
  defineProjection,
  type DocumentKey,
  keyByAggregate,
  on,
  type OnOptions,
  type ProjectionDefinition,
  type ProjectionHandler,
  type ProjectionOptions,
  rekey,
  type RekeyOptions,
  write,
  type DocumentJoin,
  type FoldHandler,
  type WriteHandler,
  type ProjectionErrorPolicy,
  type UpdateOfDocument,
} from './projection/projection-definition.ts'
export {
  ConsistencyLevelError,
  InvalidDocumentError,
  InvalidRebuildOptionsError,
  ProjectionHaltedError,
  ProjectionHandlerError,
  ProjectionLagError,
  NothingToRollBackError,
  OutdatedProjectionError,
  RebuildLostError,
  RebuildRunningError,
  RepairRefusedError,
  SnapshotDocumentError,
  SnapshotRebuildRefusedError,
  SubscriptionEndedError,
  UnknownProjectionError,
  DeadLetterLimitError,
  type DocumentName,
  UnsafeProjectionError,
} from './projection/projection-errors.ts'
export type { ProjectionPorts, ProjectionTuning } from './projection/projection-ports.ts'
export { ProjectionRunner } from './projection/projection-runner.ts'
export type {
  ProjectionState,
  ProjectionStatus,
  WorkerStatus,
} from './projection/projection-status.ts'
export type { ProjectionLag } from './projection/follow/lag-meter.ts'
export type { ProjectionMetrics, ProjectionPhase } from './projection/projection-meter.ts'
export { EventNotAppliedError } from './projection/event-not-applied-error.ts'
export {
  type LetterSelection,
  ProjectionDeadLetters,
} from './projection/projection-dead-letters.ts'
export { Projections } from './projection/projections.ts'
export type { RebuildOptions } from './projection/rebuild/rebuild-options.ts'
export type { RepairResult } from './projection/rebuild/repair-documents.ts'
export type { VerifyResult } from './projection/rebuild/verify-projection.ts'
export type { Comparison } from './projection/rebuild/compare-documents.ts'
export type {
  DocumentDifference,
  VersionDifference,
  VersionValidity,
} from './projection/rebuild/document-difference.ts'
export type { RebuildPhase, RebuildProgress } from './projection/rebuild/rebuild-progress.ts'
export {
  checkpointId,
  collectionName,
  type Generation,
  GenerationConflictError,
  type GenerationRecord,
  type LeftGeneration,
  type ProjectionCode,
  type StoredGeneration,
} from './read-model/generation.ts'
export {
  defineReadModel,
  type HistoryRetention,
  type IndexDefinition,
  type ReadModelDefinition,
  type ReadModelDocument,
  type ReadModelOptions,
} from './read-model/read-model-definition.ts'
export { checkUpdate } from './read-model/check-update.ts'
export {
  CheckpointConflictError,
  DocumentRefusedError,
  DocumentTooLargeError,
  ReadModelStoreUnavailableError,
  ReadModelWithoutHistoryError,
  SegmentGoneError,
  SegmentsTornError,
  UniqueIndexViolationError,
  UnstorableDocumentError,
  UpdateRefusedError,
} from './read-model/read-model-errors.ts'
export type {
  Checkpoint,
  ConsistencyLevel,
  CreateOptions,
  DocumentUpdate,
  DocumentVersion,
  DocumentWrite,
  ReadModelCommit,
  ReadModelStore,
  StoredDocument,
  StoredVersion,
  VersionKey,
  ViewPoint,
} from './read-model/read-model-store.ts'
export {
  allSlots,
  halvesOf,
  holdsSlot,
  slotCount,
  slotOf,
  type SlotRange,
  slotsName,
} from './read-model/slots.ts'
export {
  type EventSchema,
  eventSchemas,
  type EventSchemaSource,
} from './event-schema/event-schema.ts'
export { EventSchemaError } from './event-schema/event-schema-errors.ts'
export type { JsonSchema, JsonSchemaType } from './event-schema/json-schema.ts'
export {
  type Compatibility,
  compareSchemas,
  type Incompatibility,
} from './event-schema/schema-compatibility.ts'
export { schemaViolations } from './event-schema/schema-violations.ts'
export { downcast, type Downcaster } from './evolution/downcaster.ts'
export {
  DowncastError,
  NewerEventVersionError,
  NotOneEventError,
  UpcastError,
} from './evolution/evolution-errors.ts'
export { type EventPart, upcast, type UpcastContext, type Upcaster } from './evolution/upcaster.ts'
export { decodeAll } from './serialization/decode-all.ts'
export type { EncodedEvent, EventCodec } from './serialization/event-codec.ts'
export { JsonEventCodec, type JsonEventCodecOptions } from './serialization/json-event-codec.ts'
export type { JsonObject, JsonValue } from './serialization/json-value.ts'
export {
  MalformedEventError,
  UndeclaredEventError,
  UnknownEventTypeError,
  UnserializablePayloadError,
} from './serialization/serialization-errors.ts'
export { Snapshots, type SnapshotsPorts } from './snapshot/snapshots.ts'
export { SnapshotReader } from './snapshot/snapshot-reader.ts'
export type { SnapshotProgress, SnapshotRules } from './snapshot/snapshot-rules.ts'
export type {
  LoadSnapshotOptions,
  SaveSnapshotOptions,
  Snapshot,
  SnapshotStore,
  SnapshotSummary,
} from './snapshot/snapshot-store.ts'
export { separateTenants, type SeparatedTenants } from './tenant/separate-tenants.ts'
export { commandsByTenant } from './tenant/tenant-commands.ts'
export {
  InvalidTenantError,
  TenantMismatchError,
  TenantRequiredError,
  TenantViewError,
} from './tenant/tenant-errors.ts'
export { parseTenantId, requireTenant, tenantId, type TenantId } from './tenant/tenant-id.ts'
export { type RepositoryOfTenant, TenantRepository } from './tenant/tenant-repository.ts'
export {
  type AggregateDiff,
  AggregateHistory,
  type HistoryEntry,
  type HistoryOptions,
  type SchemaOfThePast,
} from './time-travel/aggregate-history.ts'
export { audit, type AuditEntry, type AuditOptions, type AuditPorts } from './time-travel/audit.ts'
export { LogDates } from './time-travel/log-dates.ts'
export { PastTooLargeError } from './time-travel/past-errors.ts'
export type { PastProgress, PastTuning } from './time-travel/past-tuning.ts'
export {
  describePoint,
  type PointInTime,
  PointInTimeError,
  pointOf,
  type PointOrResult,
} from './time-travel/point-in-time.ts'
export { type StateChange, stateChanges } from './time-travel/state-changes.ts'
export { type PastLoadOptions, WholePast, type WholePastPorts } from './time-travel/whole-past.ts'
export {
  WhatIf,
  type WhatIfOptions,
  type WhatIfPorts,
  type WhatIfResult,
} from './time-travel/what-if.ts'
export { isVarveError, VarveError } from './varve-error.ts'
