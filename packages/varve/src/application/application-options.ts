import type {
  Clock,
  CommandMiddleware,
  ConsistencyLevel,
  Constructor,
  Definition,
  EventHandlerTuning,
  EventStore,
  HandledEventStore,
  HandlerProgressStore,
  IdGenerator,
  LeaseStore,
  LiveQueriesTuning,
  Logger,
  MessageValidator,
  PastTuning,
  ProjectionTuning,
  QueryMiddleware,
  ReadModelChanges,
  ReadModelStore,
  SnapshotStore,
  SubjectKeyStore,
} from '@varve/core'
import type { Container } from 'inversify'
import type { PrivacyOptions } from '../privacy/open-privacy.ts'

/** A log made by hand instead of by connection string. */
export interface EventStorePorts {
  readonly eventStore: EventStore
  /** Default: no snapshots. */
  readonly snapshotStore?: SnapshotStore
}

/** Read models made by hand instead of by connection string. */
export interface ReadModelPorts {
  readonly readModels: ReadModelStore
  readonly leases: LeaseStore
  /** Where event handlers keep how far they are. Needed where there are any. */
  readonly handlerProgress?: HandlerProgressStore
  /** Where event handlers remember what they have handled. Needed where there are any. */
  readonly handledEvents?: HandledEventStore
  /** Tells live queries what other processes commit. Default: checkpoints are looked at every `pollMs`. */
  readonly changes?: ReadModelChanges
}

/** What an application is made of. */
export interface ApplicationOptions {
  /**
   * Decorated classes and plain definitions: aggregates, projections, event, query and command handlers, and
   * events that none of them names.
   */
  readonly definitions: readonly (Constructor | Definition)[]
  /**
   * Connection string of EventStoreDB (`esdb://…`), `memory:`, or ports of your own.
   * Default, in development only: a local server with its data in `data`.
   */
  readonly eventStore?: string | EventStorePorts | undefined
  /**
   * Connection string of MongoDB with the name of the database (`mongodb://…/bank`), `memory:`, or ports of
   * your own. Default, in development only: a local server with its data in `data`.
   */
  readonly readModels?: string | ReadModelPorts | undefined
  /**
   * Where the keys of persons are kept, where events have personal data. Default: the database of the read models; needed
   * where those are ports of your own, or in memory beside a log that is not.
   */
  readonly subjectKeys?: SubjectKeyStore
  /** How personal data is kept, where events have any. */
  readonly privacy?: PrivacyOptions
  /** Folder of the local servers' data. Default `.varve`. */
  readonly data?: string | undefined
  /** Resolves handlers and what they inject. Default: handlers are made without arguments. */
  readonly container?: Container
  /** Default: class-validator. */
  readonly validator?: MessageValidator
  /** Runs around every valid command, the first one outermost. Default none. */
  readonly middleware?: readonly CommandMiddleware[]
  /** Runs around every query, the first one outermost. Default none. */
  readonly queryMiddleware?: readonly QueryMiddleware[]
  /**
   * Keeps tenants apart: each command, query and load then names its `tenant`, and reaches nothing of others. Streams
   * and documents are named by tenant, so this is decided before the first event is stored. Default false.
   */
  readonly tenants?: boolean
  /** How often a command is decided again after a conflict. Default 3. */
  readonly conflictRetries?: number
  /**
   * Whether events are checked against their schemas before they are stored: given in `@Event`, or made of the rules
   * of class-validator on their classes. Default: unless `NODE_ENV` is `production`.
   */
  readonly checkEvents?: boolean
  /** Level the read-model server must be able to give. Default: what it can. */
  readonly require?: ConsistencyLevel
  /** How projections run. */
  readonly projections?: ProjectionTuning
  /** How queries of the past are answered where a read model has no history. */
  readonly past?: PastTuning
  /** How live queries hear of what other processes commit. */
  readonly liveQueries?: LiveQueriesTuning
  /** How event handlers run. */
  readonly eventHandlers?: EventHandlerTuning
  /** How long servers that do not answer are waited for at start, in milliseconds. Default 30,000. */
  readonly startTimeoutMs?: number
  /** Default: warnings and errors on the console. */
  readonly logger?: Logger
  readonly clock?: Clock
  readonly ids?: IdGenerator
}
