import type { GroupSettings } from './group-settings.ts'

/** Decides when a group writes down how far it is. */
export class CheckpointPolicy {
  #done = 0
  #lastWrite = Date.now()

  constructor(
    private readonly settings: Pick<
      GroupSettings,
      'checkpointAfterMs' | 'minCheckpointCount' | 'maxCheckpointCount'
    >,
  ) {}

  /** Counts messages that are done with. */
  count(messages: number): void {
    this.#done += messages
  }

  /** Whether a checkpoint is due now. */
  get isDue(): boolean {
    const { checkpointAfterMs, minCheckpointCount, maxCheckpointCount } = this.settings
    if (this.#done === 0) return false
    if (this.#done >= maxCheckpointCount) return true
    return this.#done >= minCheckpointCount && Date.now() - this.#lastWrite >= checkpointAfterMs
  }

  /** A checkpoint was written. */
  reset(): void {
    this.#done = 0
    this.#lastWrite = Date.now()
  }
}
