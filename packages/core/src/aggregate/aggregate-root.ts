import { UnattachedAggregateError } from './aggregate-errors.ts'

/** What an aggregate instance is attached to while the framework works with it. */
export interface Attachment {
  readonly id: string
  readonly evolve: (aggregate: AggregateRoot, event: object) => void
}

const attachments = new WeakMap<AggregateRoot, Attachment & { emitted: object[] }>()

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
    const attachment = attachmentOf(this)
    for (const event of events) {
      attachment.evolve(this, event)
      attachment.emitted.push(event)
    }
  }
}

/** Makes an instance usable; done by the framework before anything else. */
export function attach(aggregate: AggregateRoot, attachment: Attachment): void {
  attachments.set(aggregate, { ...attachment, emitted: [] })
}

/** Returns the events emitted since the last call, oldest first. */
export function takeEmitted(aggregate: AggregateRoot): readonly object[] {
  const attachment = attachmentOf(aggregate)
  const { emitted } = attachment
  attachment.emitted = []
  return emitted
}

function attachmentOf(aggregate: AggregateRoot): Attachment & { emitted: object[] } {
  const attachment = attachments.get(aggregate)
  if (!attachment) throw new UnattachedAggregateError(aggregate.constructor.name)
  return attachment
}
