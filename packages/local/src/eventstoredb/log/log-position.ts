import { MAX_NUMBER } from '../wire/protobuf.ts'

/**
 * Distance between the positions of two neighbouring events.
 *
 * Positions of EventStoreDB are byte offsets; spreading them keeps clients from counting on consecutive ones.
 */
const STEP = 256

/** The position of the event with this sequence number; the first event has sequence 1. */
export function positionOf(sequence: number): number {
  return sequence * STEP
}

/** The sequence number of the first event at or after the position. */
export function firstSequenceFrom(position: number): number {
  return Math.ceil(Math.min(position, MAX_NUMBER) / STEP)
}

/** The sequence number of the last event at or before the position. */
export function lastSequenceUpTo(position: number): number {
  return Math.floor(Math.min(position, MAX_NUMBER) / STEP)
}
