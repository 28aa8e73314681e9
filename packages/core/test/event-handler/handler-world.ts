import {
  InMemoryDeadLetterStore,
  InMemoryEventStore,
  InMemoryHandledEventStore,
  InMemoryHandlerProgressStore,
  InMemoryLeaseStore,
} from '@varve/memory'
import {
  type ApplicationModel,
  buildModel,
  CommandBus,
  createSingletonResolver,
  type DeadLetterStore,
  type Definition,
  type EventHandlerState,
  type EventHandlerStatus,
  EventHandlers,
  type EventHandlerTuning,
  type EventMetadata,
  type EventStore,
  type HandledEventStore,
  type HandlerProgressStore,
  type HandlerResolver,
  JsonEventCodec,
  type LeaseStore,
  randomIds,
  type StreamName,
  systemClock,
  uncheckedMessages,
} from '../../src/index.ts'
import { until } from '../fixtures/until.ts'
import { LogBook } from '../fixtures/log-book.ts'

export interface HandlerWorldOptions {
  readonly eventStore?: EventStore
  readonly progress?: HandlerProgressStore
  readonly handledEvents?: HandledEventStore
  readonly deadLetters?: DeadLetterStore
  readonly leases?: LeaseStore
  readonly resolver?: HandlerResolver
  readonly tuning?: EventHandlerTuning
}

/** What one process has that runs event handlers. Give two worlds the same stores to have two processes. */
export class HandlerWorld implements AsyncDisposable {
  readonly eventStore: EventStore
  readonly progress: HandlerProgressStore
  readonly handledEvents: HandledEventStore
  readonly deadLetters: DeadLetterStore
  readonly leases: LeaseStore
  readonly log = new LogBook()
  readonly model: ApplicationModel
  readonly codec: JsonEventCodec
  readonly commands: CommandBus
  readonly handlers: EventHandlers

  constructor(definitions: readonly Definition[], options: HandlerWorldOptions = {}) {
    const model = (this.model = buildModel(definitions))
    this.eventStore = options.eventStore ?? new InMemoryEventStore()
    this.progress = options.progress ?? new InMemoryHandlerProgressStore()
    this.handledEvents = options.handledEvents ?? new InMemoryHandledEventStore()
    this.deadLetters = options.deadLetters ?? new InMemoryDeadLetterStore()
    this.leases = options.leases ?? new InMemoryLeaseStore()
    this.codec = new JsonEventCodec(model.events)
    const ports = {
      eventStore: this.eventStore,
      codec: this.codec,
      resolver: options.resolver ?? createSingletonResolver(),
      ids: randomIds,
      logger: this.log,
    }
    this.commands = new CommandBus({
      ...ports,
      model,
      validator: uncheckedMessages,
      clock: systemClock,
    })
    const { progress, handledEvents, deadLetters, leases, commands } = this
    this.handlers = new EventHandlers(
      model,
      { ...ports, progress, handledEvents, deadLetters, leases, commands },
      { retryDelaysMs: [], ...options.tuning },
    )
  }

  /** Another process over the same stores. */
  another(definitions: readonly Definition[], options: HandlerWorldOptions = {}): HandlerWorld {
    const { eventStore, progress, handledEvents, deadLetters, leases } = this
    return new HandlerWorld(definitions, {
      eventStore,
      progress,
      handledEvents,
      deadLetters,
      leases,
      ...options,
    })
  }

  /** Appends an event of any declared kind, as another application would; returns its position. */
  async append(stream: string, event: object, metadata: EventMetadata = {}): Promise<bigint> {
    const { schemaVersion, ...data } = this.codec.encode(event)
    const encoded = { ...data, id: randomIds.next(), metadata: { schemaVersion, ...metadata } }
    const { position } = await this.eventStore.append(stream as StreamName, [encoded], {
      expected: 'any',
    })
    return position
  }

  /** The status of a handler; of the only one, where none is named. */
  status(name?: string): EventHandlerStatus {
    const found = this.handlers.status().find((one) => name === undefined || one.name === name)
    return found!
  }

  /** Waits until a handler is in a state. */
  async becomes(state: EventHandlerState, name?: string): Promise<void> {
    await until(() => this.status(name).state === state)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handlers.stop()
  }
}
