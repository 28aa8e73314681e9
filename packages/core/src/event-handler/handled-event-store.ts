/** Remembers for a while which events a consumer has handled, by their ids. Time is the store's own. */
export interface HandledEventStore {
  /** Returns those of the ids that are remembered. */
  handled(consumer: string, eventIds: readonly string[]): Promise<ReadonlySet<string>>

  /**
   * Remembers that an event was handled. Resolves when that outlives a crash.
   *
   * @param windowMs For how long from now, in milliseconds; once more if it was remembered already.
   */
  remember(consumer: string, eventId: string, windowMs: number): Promise<void>
}
