import { apart } from '../serialization/apart.ts'
import { EmitOutsideDecisionError, UnattachedAggregateError } from './aggregate-errors.ts'

/** What an aggregate instance is attached to while the framework works with it. */
export interface Attachment {
  readonly id: string
  readonly evolve: (aggregate: AggregateRoot, event: object) => void
}

interface Attached extends Attachment {
  /** Undefined while no command is decided. */
  emitted: object[] | undefined
}

const attachments = new WeakMap<AggregateRoot, Attached>()

/**
 * Base of aggregates written as classes.
 *
 * Fields are the state: plain properties, given their start values where they are declared. The constructor
 * takes no arguments. `#private` fields work, but a snapshot only sees them through `toSnapshot`.
 */
export abstract class AggregateRoot {
  /** Id of the aggregate: what follows the category in the name of its stream. */
  get aggregateId(): string {
    return attachmentOf(this).id
  }

  /** Records events and folds them into this state at once. They are stored when the handler is done. */
  protected emit(...events: readonly object[]): void {
    const { id, evolve, emitted } = attachmentOf(this)
    if (!emitted) throw new EmitOutsideDecisionError(this.constructor.name, id)
    for (const event of events) {
      evolve(this, apart(event))
      emitted.push(event)
    }
  }
}

/** Makes an instance usable; done by the framework before anything else. */
export function attach(aggregate: AggregateRoot, attachment: Attachment): void {
  attachments.set(aggregate, { ...attachment, emitted: undefined })
}

/** Lets a handler emit, from nothing on. */
export function startEmitting(aggregate: AggregateRoot): void {
  attachmentOf(aggregate).emitted = []
}

/** Returns the events emitted since the start, oldest first. No more can be emitted until the next one. */
export function takeEmitted(aggregate: AggregateRoot): readonly object[] {
  const attachment = attachmentOf(aggregate)
  const { emitted = [] } = attachment
  attachment.emitted = undefined
  return emitted
}

function attachmentOf(aggregate: AggregateRoot): Attached {
  const attachment = attachments.get(aggregate)
  if (!attachment) throw new UnattachedAggregateError(aggregate.constructor.name)
  return attachment
}
