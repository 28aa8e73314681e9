import type { EventHandlerContext } from '../event-handler/event-handler-context.ts'
import type { EventContext } from '../projection/event-context.ts'
import { TenantMismatchError } from './tenant-errors.ts'
import { ownerOf } from './tenant-event.ts'
import type { TenantId } from './tenant-id.ts'

/** What a handler knows of an event of its tenant: the aggregate's id is the one the tenant gave it. */
export class TenantEventContext implements EventContext {
  /** Whose event it is. */
  readonly owner: TenantId
  readonly #context: EventContext
  constructor(context: EventContext) {
    this.owner = ownerOf(context)
    this.#context = context
  }
  get aggregateId(): string {
    return this.owner.id
  }
  get eventId(): string {
    return this.#context.eventId
  }
  get type(): string {
    return this.#context.type
  }
  get stream(): EventContext['stream'] {
    return this.#context.stream
  }
  get revision(): bigint {
    return this.#context.revision
  }
  get position(): bigint {
    return this.#context.position
  }
  get recordedAt(): Date {
    return this.#context.recordedAt
  }
  get metadata(): EventContext['metadata'] {
    return this.#context.metadata
  }
}

/** The same for event handlers, whose commands are for the tenant of the event. */
export class TenantHandlerContext extends TenantEventContext implements EventHandlerContext {
  readonly #context: EventHandlerContext
  readonly execute: EventHandlerContext['execute']
  constructor(context: EventHandlerContext) {
    super(context)
    this.#context = context
    const { tenant } = this.owner
    this.execute = async (command, payload, options) => {
      if (options?.tenant !== undefined && options.tenant !== tenant)
        throw new TenantMismatchError(
          `A command of event handler "${context.handler}"`,
          options.tenant,
          tenant,
        )
      return context.execute(command, payload, options)
    }
  }
  get handler(): string {
    return this.#context.handler
  }
  get attempt(): number {
    return this.#context.attempt
  }
  get isReplay(): boolean {
    return this.#context.isReplay
  }
  get idempotencyKey(): string {
    return this.#context.idempotencyKey
  }
  get signal(): AbortSignal {
    return this.#context.signal
  }
}
