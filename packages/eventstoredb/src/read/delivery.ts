/** A place in the log as the client gives it. */
export interface ClientPosition {
  readonly commit: bigint
  readonly prepare: bigint
}

/** An event as the client gives it, in the parts that are used. */
export interface DeliveredEvent {
  readonly id: string
  readonly streamId: string
  readonly type: string
  readonly revision: bigint
  readonly position?: ClientPosition
  readonly data: unknown
  readonly metadata?: unknown
  readonly created: Date
}

/** One message of a read or subscription. */
export interface Delivery {
  readonly event?: DeliveredEvent
  /** The link that led to the event; links are not followed, so it stands alone at most. */
  readonly link?: DeliveredEvent
  readonly commitPosition?: bigint
}
