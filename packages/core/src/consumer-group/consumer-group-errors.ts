import type { StreamName } from '../event-store/stream-name.ts'
import { VarveError } from '../varve-error.ts'

/** A consumer group is described in a way no store can use. */
export class InvalidConsumerGroupError extends VarveError {
  readonly code = 'INVALID_CONSUMER_GROUP'
  /** @param reason What was found and what was expected. */
  constructor(
    readonly group: string,
    readonly reason: string,
  ) {
    super(`Consumer group "${group}" cannot be used: ${reason}.`)
  }
}

/** There is no such consumer group, or it was removed while it was consumed. */
export class ConsumerGroupNotFoundError extends VarveError {
  readonly code = 'CONSUMER_GROUP_NOT_FOUND'
  /** @param source What the group would follow. */
  constructor(
    readonly group: string,
    readonly source: string,
    options?: ErrorOptions,
  ) {
    super(
      `There is no consumer group "${group}" on ${source}. Create it with ensure() before it is consumed.`,
      options,
    )
  }
}

/** A group of this name follows something else, and no server can change that. */
export class ConsumerGroupConflictError extends VarveError {
  readonly code = 'CONSUMER_GROUP_CONFLICT'
  /** @param expected What the group was expected to follow. */
  constructor(
    readonly group: string,
    readonly expected: string,
  ) {
    super(
      `Consumer group "${group}" exists and follows something else than ${expected}. What a group follows cannot be changed: give the new group another name, or remove the old one, described as it was.`,
    )
  }
}

/** An answer came too late: the connection its delivery came over is gone. The event is delivered again. */
export class DeliveryLostError extends VarveError {
  readonly code = 'DELIVERY_LOST'
  constructor(
    readonly group: string,
    readonly stream: StreamName,
    readonly revision: bigint,
    options?: ErrorOptions,
  ) {
    super(
      `Event ${revision} of stream "${stream}" could not be answered: consumer group "${group}" lost the connection it came over. It is delivered again, so handling it must be idempotent.`,
      options,
    )
  }
}
