import {
  type ExpectedSettings,
  isVarveError,
  type RecordedStreamSettings,
  type StreamName,
  type StreamSettings,
  StreamSettingsConflictError,
  type WrongExpectedRevisionError,
} from '@varve/core'
import type { AppendSender } from '../append/append-sender.ts'
import { encodeEvents } from '../append/encode-events.ts'
import type { JsonEvent } from '../append/json-event.ts'
import { RetryBudget, type RetryPolicy } from '../failure/retry-budget.ts'
import type { LastEvents } from './last-events.ts'
import { settingsEvent, settingsFrom, settingsStream, settingsType } from './settings-event.ts'

/** Writers of one stream's settings that may meet. */
const mostTries = 20

/** What a {@link StreamSettingsStore} works with. */
export interface StreamSettingsStoreOptions {
  readonly sender: AppendSender
  readonly lastEvents: LastEvents
  readonly address: string
  readonly retry: RetryPolicy
}

/**
 * Reads and writes what the server knows of a stream: the last event of a stream of its own.
 *
 * Always written at an exact revision, found out first where any will do: only there the server recognises a
 * try that is repeated. The client's own call tells a position in the log for the revision, so it is not used.
 */
export class StreamSettingsStore {
  readonly #options: StreamSettingsStoreOptions

  constructor(options: StreamSettingsStoreOptions) {
    this.#options = options
  }

  async read(stream: StreamName): Promise<RecordedStreamSettings> {
    const operation = `reading the settings of "${stream}"`
    const last = await this.#options.lastEvents.of(settingsStream(stream), { operation, stream })
    if (!last) return { settings: {}, revision: undefined, isDeleted: false }
    return {
      ...settingsFrom(last.type === settingsType ? last.data : undefined),
      revision: last.revision,
    }
  }

  /** @throws {StreamSettingsConflictError} */
  async write(
    stream: StreamName,
    settings: StreamSettings,
    expected: ExpectedSettings,
  ): Promise<void> {
    const batch = encodeEvents(stream, [settingsEvent(settings)])
    for (let left = mostTries; ; left -= 1) {
      const at = expected === 'any' ? (await this.read(stream)).revision : expected
      try {
        await this.#append(stream, batch, typeof at === 'bigint' ? at : 'no-stream')
        return
      } catch (error) {
        if (!isConflict(error)) throw error
        if (expected === 'any' && left > 1) continue
        throw new StreamSettingsConflictError(stream, expected, error.actual, { cause: error })
      }
    }
  }

  async #append(
    stream: StreamName,
    batch: readonly JsonEvent[],
    expected: 'no-stream' | bigint,
  ): Promise<void> {
    const { sender, address, retry } = this.#options
    const operation = `setting the settings of "${stream}"`
    const budget = new RetryBudget(retry, { address, operation, stream, expected })
    for (;;)
      try {
        await sender.send(settingsStream(stream), batch, expected)
        return
      } catch (failure) {
        await budget.pauseAfter(failure)
      }
  }
}

function isConflict(error: unknown): error is WrongExpectedRevisionError {
  return isVarveError(error) && error.code === 'WRONG_EXPECTED_REVISION'
}
