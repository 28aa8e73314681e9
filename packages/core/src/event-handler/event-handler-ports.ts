import type { CommandBus } from '../bus/command-bus.ts'
import type { DeadLetterStore } from '../dead-letter/dead-letter-store.ts'
import type { IdGenerator } from '../environment/id-generator.ts'
import type { Logger } from '../environment/logger.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { LeaseStore } from '../lease/lease-store.ts'
import type { HandlerResolver } from '../message/handler-resolver.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { HandledEventStore } from './handled-event-store.ts'
import type { HandlerProgressStore } from './handler-progress-store.ts'

/** What event handlers need. */
export interface EventHandlerPorts {
  readonly eventStore: EventStore
  readonly progress: HandlerProgressStore
  readonly handledEvents: HandledEventStore
  readonly deadLetters: DeadLetterStore
  readonly leases: LeaseStore
  readonly codec: EventCodec
  readonly resolver: HandlerResolver
  /** Takes the commands that handlers execute through their context. */
  readonly commands: Pick<CommandBus, 'execute'>
  readonly ids: IdGenerator
  readonly logger: Logger
}

/** How event handlers run. */
export interface EventHandlerTuning {
  /** How long a process that died keeps others from going on, in milliseconds. Default 5,000. */
  readonly leaseMs?: number
  /** Pauses before a failing event is tried again, in milliseconds. Default 1, 2, 4, 8 and 16 seconds. */
  readonly retryDelaysMs?: readonly number[]
  /** Most dead letters of one handler; one more halts it. Default 10,000. */
  readonly maxDeadLetters?: number
  /** How long a call under way may take to end when the handler is stopped, in milliseconds. Default 10,000. */
  readonly graceMs?: number
  /** Name of this process as an owner of leases. Default: a new UUID. */
  readonly owner?: string
}
