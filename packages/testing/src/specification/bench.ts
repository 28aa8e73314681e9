import {
  type ApplicationModel,
  buildModel,
  CommandBus,
  type Constructor,
  createSingletonResolver,
  type Definition,
  definitionsOf,
  JsonEventCodec,
  type ProjectionPorts,
  Projections,
  QueryBus,
  type RecordedEvent,
  silentLogger,
  streamName,
  uncheckedMessages,
} from '@varve/core'
import {
  InMemoryEventStore,
  InMemoryLeaseStore,
  InMemoryReadModelStore,
  InMemorySnapshotStore,
} from '@varve/memory'
import { SequentialIds } from '../environment/sequential-ids.ts'
import { VirtualClock } from '../environment/virtual-clock.ts'
import type { GivenEvent } from './given-event.ts'
import type { SpecificationOptions } from './specification-options.ts'

/** Whose event it is where the event does not say. */
export interface Owner {
  readonly category: string
  readonly aggregateId: string
}

/** A small application in memory in which nothing happens by itself: time stands still and ids are counted. */
export class Bench implements AsyncDisposable {
  readonly clock: VirtualClock
  readonly codec: JsonEventCodec
  readonly commands: CommandBus
  readonly projections: Projections
  readonly queries: QueryBus
  readonly #ids = new SequentialIds()
  readonly #ports: ProjectionPorts & { readonly eventStore: InMemoryEventStore }

  constructor(model: ApplicationModel, options: SpecificationOptions) {
    this.clock = new VirtualClock(options.start)
    const { clock } = this
    this.codec = new JsonEventCodec(model.events)
    this.#ports = {
      eventStore: new InMemoryEventStore({ clock }),
      readModels: new InMemoryReadModelStore({ clock }),
      leases: new InMemoryLeaseStore(),
      codec: this.codec,
      resolver: options.resolver ?? createSingletonResolver(),
      clock,
      ids: new SequentialIds(),
      logger: silentLogger,
    }
    this.commands = new CommandBus({
      ...this.#ports,
      model,
      snapshotStore: new InMemorySnapshotStore(),
      validator: options.validator ?? uncheckedMessages,
    })
    this.projections = new Projections(model, this.#ports, {
      retryDelaysMs: [],
      // One event at a time, so that each meets its document as the store gives it back.
      rebuildBatchSize: 1,
    })
    this.queries = new QueryBus({ model, projections: this.projections, ports: this.#ports })
  }

  /** Records events of the past, each through the codec. */
  async record(given: readonly GivenEvent[], owner: Owner): Promise<void> {
    for (const { event, at, metadata, ...names } of given) {
      const { category, aggregateId } = { ...owner, ...names }
      if (at) this.clock.moveTo(at)
      const { type, data, schemaVersion } = this.codec.encode(event)
      const id = this.#ids.next()
      const origin = { $correlationId: id, $causationId: id, schemaVersion }
      await this.#ports.eventStore.append(
        streamName(category, aggregateId),
        [{ id, type, data, metadata: { ...origin, ...metadata } }],
        { expected: 'any' },
      )
    }
  }

  /** Returns the whole log. */
  async log(): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = []
    for await (const batch of this.#ports.eventStore.readAll()) events.push(...batch)
    return events
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.commands.drain()
    await this.projections.stop()
    await this.#ports.eventStore.close()
  }
}

/**
 * Puts together what a specification is about.
 *
 * @throws {ConfigurationError} With every mistake.
 */
export function modelOf(
  subject: Constructor | Definition,
  { definitions = [] }: SpecificationOptions,
): { readonly definitions: readonly Definition[]; readonly model: ApplicationModel } {
  const found = definitionsOf([subject, ...definitions])
  return { definitions: found, model: buildModel(found) }
}
