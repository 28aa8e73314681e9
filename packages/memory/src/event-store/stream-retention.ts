import {
  type ExpectedSettings,
  type RecordedEvent,
  type RecordedStreamSettings,
  type StreamName,
  type StreamSettings,
  StreamSettingsConflictError,
} from '@varve/core'

/** What of a stream can still be read, and why. */
export class StreamRetention {
  readonly #stream: StreamName
  #settings: StreamSettings = {}
  #revision: bigint | undefined
  #isDeleted = false

  constructor(stream: StreamName) {
    this.#stream = stream
  }

  /** Whether a deletion hides everything. */
  get isDeleted(): boolean {
    return this.#isDeleted
  }

  get recorded(): RecordedStreamSettings {
    return { settings: this.#settings, revision: this.#revision, isDeleted: this.#isDeleted }
  }

  /** The first revision that can be read. */
  firstReadable(events: readonly RecordedEvent[], now: Date): number {
    if (this.#isDeleted) return events.length
    const { maxCount = Infinity, maxAgeSeconds = Infinity, truncateBefore = 0n } = this.#settings
    const first = Math.max(Number(truncateBefore), events.length - maxCount, 0)
    const oldest = now.getTime() - maxAgeSeconds * 1000
    if (oldest === -Infinity) return first
    const young = events.findIndex(({ recordedAt }) => recordedAt.getTime() >= oldest)
    return young < 0 ? events.length : Math.max(first, young)
  }

  /**
   * Replaces the settings.
   *
   * @param next Revision the next event would have: what a deletion hid stays hidden before it.
   */
  set(settings: StreamSettings, expected: ExpectedSettings, next: number): void {
    const isExpected =
      expected === 'any' || (expected === 'none' ? undefined : expected) === this.#revision
    if (!isExpected) throw new StreamSettingsConflictError(this.#stream, expected, this.#revision)
    this.#change(settings)
    if (this.#isDeleted) this.restore(next)
  }

  /** Hides everything there is, and forgets the settings. */
  delete(): void {
    this.#change({})
    this.#isDeleted = true
  }

  /** Ends a deletion; events before the revision stay hidden. */
  restore(from: number): void {
    this.#change({ ...this.#settings, truncateBefore: BigInt(from) })
    this.#isDeleted = false
  }

  #change(settings: StreamSettings): void {
    this.#settings = Object.freeze(structuredClone(settings))
    this.#revision = (this.#revision ?? -1n) + 1n
  }
}
