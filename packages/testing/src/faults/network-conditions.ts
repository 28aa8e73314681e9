/** What a network does to the bytes that pass. */
export interface NetworkConditions {
  /** How long each byte is under way, in milliseconds. */
  readonly delayMs: number
  /** Most bytes per second in each direction. */
  readonly bytesPerSecond: number
  /** Nothing passes: bytes wait, as in a network that is torn; connections stay open. */
  readonly isHeld: boolean
}

/** A network that does nothing to the bytes. */
export const healthy: NetworkConditions = {
  delayMs: 0,
  bytesPerSecond: Infinity,
  isHeld: false,
}
