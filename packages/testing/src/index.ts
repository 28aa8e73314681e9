export { consumerGroupStoreContract } from './consumer-group/consumer-group-store-contract.ts'
export {
  type ConsumerGroupStoreSubject,
  consumerGroupStoreSubject,
  type ConsumerGroupStoreSubjectOptions,
} from './consumer-group/consumer-group-store-subject.ts'
export {
  casesOf,
  type ContractCase,
  type ContractSuite,
  type NamedCase,
} from './contract/contract-case.ts'
export { OutOfPatienceError } from './contract/contract-errors.ts'
export { deadLetterStoreContract } from './dead-letter/dead-letter-store-contract.ts'
export {
  type DeadLetterStoreSubject,
  deadLetterStoreSubject,
} from './dead-letter/dead-letter-store-subject.ts'
export { SeededRandom } from './environment/seeded-random.ts'
export { SequentialIds } from './environment/sequential-ids.ts'
export { VirtualClock } from './environment/virtual-clock.ts'
export {
  handledEventSubject,
  type HandledEventSubject,
  type HandledEventSubjectOptions,
  handlerProgressSubject,
  type HandlerProgressSubject,
} from './event-handler/event-handler-subjects.ts'
export { handledEventStoreContract } from './event-handler/handled-event-store-contract.ts'
export { handlerProgressStoreContract } from './event-handler/handler-progress-store-contract.ts'
export { eventStoreContract } from './event-store/event-store-contract.ts'
export {
  type EventStoreCapabilities,
  type EventStoreSubject,
  eventStoreSubject,
  type EventStoreSubjectOptions,
} from './event-store/event-store-subject.ts'
export { FaultProxy, type FaultProxyTarget } from './faults/fault-proxy.ts'
export {
  type Fault,
  faultScript,
  type FaultScriptOptions,
  type FaultStep,
} from './faults/fault-script.ts'
export { leaseStoreContract } from './lease/lease-store-contract.ts'
export {
  type LeaseStoreSubject,
  leaseStoreSubject,
  type LeaseStoreSubjectOptions,
} from './lease/lease-store-subject.ts'
export { readModelChangesContract } from './live-query/read-model-changes-contract.ts'
export {
  type ReadModelChangesSubject,
  readModelChangesSubject,
  type ReadModelChangesSubjectOptions,
} from './live-query/read-model-changes-subject.ts'
export { readModelStoreContract } from './read-model/read-model-store-contract.ts'
export {
  type ReadModelStoreCapabilities,
  type ReadModelStoreSubject,
  readModelStoreSubject,
  type ReadModelStoreSubjectOptions,
} from './read-model/read-model-store-subject.ts'
export { snapshotStoreContract } from './snapshot/snapshot-store-contract.ts'
export {
  type SnapshotStoreSubject,
  snapshotStoreSubject,
} from './snapshot/snapshot-store-subject.ts'
export {
  type AggregateSpecification,
  type GivenAggregate,
  specifyAggregate,
} from './specification/aggregate-specification.ts'
export {
  type CommandExpectation,
  CommandOutcome,
  type ExpectedOfCommand,
} from './specification/command-outcome.ts'
export type { CommandOptions, CommandToSend } from './specification/command-to-send.ts'
export type { ExpectedError } from './specification/expected-error.ts'
export type { ExpectedState } from './specification/expected-state.ts'
export { eventsOf, type Given, type GivenEvent } from './specification/given-event.ts'
export {
  type ExpectedDocument,
  type GivenEvents,
  type ProjectionSpecification,
  specifyProjection,
} from './specification/projection-specification.ts'
export { QueryOutcome } from './specification/query-outcome.ts'
export { SpecificationError } from './specification/specification-errors.ts'
export type { SpecificationOptions } from './specification/specification-options.ts'
export { streamAdministrationContract } from './stream-administration/stream-administration-contract.ts'
export {
  type StreamAdministrationSubject,
  streamAdministrationSubject,
  type StreamAdministrationSubjectOptions,
} from './stream-administration/stream-administration-subject.ts'
export {
  subjectKeyStoreContract,
  subjectKeyStoreSubject,
  type SubjectKeyStoreSubject,
} from './privacy/subject-key-store-contract.ts'
