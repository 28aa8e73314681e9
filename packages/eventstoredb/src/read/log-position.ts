import type { ClientPosition, DeliveredEvent } from './delivery.ts'

/** Positions from here on are sentinels of the server, not places in the log. */
const sentinelsFrom = 2n ** 63n

/** Tells whether a position can be a place in the log. */
export function isPlausiblePosition(position: bigint): boolean {
  return position >= 0n && position < sentinelsFrom
}

/** Turns a position into the client's pair; commit equals prepare for every event. */
export function toClientPosition(position: bigint): ClientPosition {
  return { commit: position, prepare: position }
}

/** Position of a delivered event; -1 where the server does not tell it. */
export function positionOf(event: DeliveredEvent): bigint {
  return event.position?.commit ?? -1n
}
