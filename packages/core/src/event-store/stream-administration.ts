import type { StreamName } from './stream-name.ts'
import type { ExpectedSettings, RecordedStreamSettings, StreamSettings } from './stream-settings.ts'

/** Options of {@link StreamAdministration.setStreamSettings}. */
export interface SetStreamSettingsOptions {
  /** Default `'any'`: the last writer wins. */
  readonly expected?: ExpectedSettings
}

/**
 * What the caller believes of a stream to be deleted: anything, that it has events, or the revision of its
 * last event.
 */
export type ExpectedForDeletion = 'any' | 'stream-exists' | bigint

/** Options of {@link StreamAdministration.deleteStream} and {@link StreamAdministration.tombstoneStream}. */
export interface DeleteStreamOptions {
  /** Default `'any'`. */
  readonly expected?: ExpectedForDeletion
}

/**
 * What operators and retention rules do to streams: how much of a stream is kept, who may use it, and its end.
 *
 * A port of its own, so that the event store stays as small as what aggregates and projections need, and a
 * store without these notions is still an event store. The same object implements both where it can: the
 * settings and the end of a stream are entries of the same log, in one order with its events.
 *
 * Nothing here takes an event out of the whole log: what is hidden from its stream stays in
 * {@link EventStore.readAll} and in subscriptions to the log until the server scavenges. Every method throws
 * {@link StreamDeletedError} where the stream was deleted for good before, and
 * {@link EventStoreUnavailableError} where the server does not answer for as long as the adapter retries. An
 * outcome the adapter cannot know is settled by asking, so what returns has taken effect exactly once.
 */
export interface StreamAdministration {
  /** Reads the settings of a stream; empty ones where there are none, or no such stream. */
  readStreamSettings(stream: StreamName): Promise<RecordedStreamSettings>

  /**
   * Replaces the settings of a stream, which need not exist yet. What is left out is unset; to change one,
   * read them first and pass the revision on. Of a deleted stream everything stays hidden.
   *
   * @throws {StreamSettingsConflictError} Another writer was first.
   * @throws {InvalidStreamSettingsError} A value no server takes.
   */
  setStreamSettings(
    stream: StreamName,
    settings: StreamSettings,
    options?: SetStreamSettingsOptions,
  ): Promise<void>

  /**
   * Hides all events of a stream and forgets its settings. It reads as if it did not exist; an append brings
   * it back, with revisions that go on and without the events from before. Does nothing where no event can be
   * read and none is expected.
   *
   * @throws {WrongExpectedRevisionError} The stream is not where it was expected. Nothing was hidden.
   */
  deleteStream(stream: StreamName, options?: DeleteStreamOptions): Promise<void>

  /**
   * Ends a stream for good, whether it exists or not: reads, appends and subscriptions fail with
   * {@link StreamDeletedError} from then on. There is no way back, and its name cannot be used again.
   *
   * @throws {WrongExpectedRevisionError} The stream is not where it was expected. It lives on.
   */
  tombstoneStream(stream: StreamName, options?: DeleteStreamOptions): Promise<void>
}
