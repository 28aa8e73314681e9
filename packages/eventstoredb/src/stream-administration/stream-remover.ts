import {
  type ExpectedForDeletion,
  isVarveError,
  type StreamName,
  WrongExpectedRevisionError,
} from '@varve/core'
import type { ServerCalls } from '../connection/server-calls.ts'
import { typeOf } from '../failure/classify-failure.ts'
import type { LastEvents } from './last-events.ts'
import type { StreamSettingsStore } from './stream-settings-store.ts'

/** Writers that may append to a stream while it is being deleted. */
const mostTries = 20

/** What a {@link StreamRemover} works with. */
export interface StreamRemoverOptions {
  readonly calls: ServerCalls
  readonly lastEvents: LastEvents
  readonly settings: StreamSettingsStore
}

/**
 * Deletes streams.
 *
 * A deletion whose outcome is unknown must not be repeated as it is: where it did take effect, and somebody
 * wrote to the stream since, it would hide those events too. So it is always sent with an exact revision,
 * found out first where any will do, and before it is repeated the settings tell whether it took effect.
 */
export class StreamRemover {
  readonly #options: StreamRemoverOptions

  constructor(options: StreamRemoverOptions) {
    this.#options = options
  }

  /** Hides all events of a stream. */
  delete(stream: StreamName, expected: ExpectedForDeletion): Promise<void> {
    return this.#atRevision(stream, expected, (revision) => this.#deleteAt(stream, revision))
  }

  /** Ends a stream for good. */
  async tombstone(stream: StreamName, expected: ExpectedForDeletion): Promise<void> {
    if (expected === 'any') await this.#tombstoneAt(stream, 'any')
    else await this.#atRevision(stream, expected, (revision) => this.#tombstoneAt(stream, revision))
  }

  /** Finds the revision where none is named, and again where somebody appended meanwhile. */
  async #atRevision(
    stream: StreamName,
    expected: ExpectedForDeletion,
    remove: (revision: bigint) => Promise<void>,
  ): Promise<void> {
    if (typeof expected === 'bigint') {
      await remove(expected)
      return
    }
    for (let left = mostTries; ; left -= 1) {
      const operation = `looking for the end of "${stream}"`
      const last = await this.#options.lastEvents.of(stream, { operation, stream })
      if (!last && expected === 'any') return
      if (!last) throw new WrongExpectedRevisionError(stream, expected)
      try {
        await remove(last.revision)
        return
      } catch (error) {
        const isOvertaken = isVarveError(error) && error.code === 'WRONG_EXPECTED_REVISION'
        if (!isOvertaken || left <= 1) throw error
      }
    }
  }

  async #deleteAt(stream: StreamName, revision: bigint): Promise<void> {
    const { calls } = this.#options
    const attempt = { operation: `deleting "${stream}"`, stream, expected: revision }
    await calls.ask(attempt, async (client, isRepeated) => {
      if (isRepeated && (await this.#isHidden(stream, revision))) return
      try {
        await client.calls.deleteStream(stream, { expectedRevision: revision })
      } catch (failure) {
        // An earlier try may have arrived between the question and this one.
        const isOvertaken = isRepeated && typeOf(failure) === 'wrong-expected-version'
        if (!isOvertaken || !(await this.#isHidden(stream, revision))) throw failure
      }
    })
  }

  async #isHidden(stream: StreamName, revision: bigint): Promise<boolean> {
    const { settings, isDeleted } = await this.#options.settings.read(stream)
    return isDeleted || (settings.truncateBefore ?? 0n) > revision
  }

  async #tombstoneAt(stream: StreamName, revision: bigint | 'any'): Promise<void> {
    const attempt = { operation: `deleting "${stream}" for good`, stream, expected: revision }
    await this.#options.calls.ask(attempt, async (client, isRepeated) => {
      try {
        await client.calls.tombstoneStream(stream, { expectedRevision: revision })
      } catch (failure) {
        // Whoever did it, it is done.
        if (!isRepeated || typeOf(failure) !== 'stream-deleted') throw failure
      }
    })
  }
}
