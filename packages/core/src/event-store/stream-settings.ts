import type { JsonObject } from '../serialization/json-value.ts'
import { VarveError } from '../varve-error.ts'
import type { StreamName } from './stream-name.ts'

/** Who may do what with a stream: names of users and groups. What is left out follows the server's defaults. */
export interface StreamAcl {
  readonly read?: readonly string[]
  readonly write?: readonly string[]
  readonly delete?: readonly string[]
  readonly readSettings?: readonly string[]
  readonly writeSettings?: readonly string[]
}

/** What a stream keeps, and who may use it. EventStoreDB calls it stream metadata. */
export interface StreamSettings {
  /** Only so many of the newest events can be read. At least 1. */
  readonly maxCount?: number
  /** Only events of so many seconds can be read. At least 1. */
  readonly maxAgeSeconds?: number
  /** Only events from this revision on can be read. */
  readonly truncateBefore?: bigint
  /** How long the server lets others cache the stream's head, in seconds. At least 1. */
  readonly cacheControlSeconds?: number
  /** Or the name of one of the server's own lists, `$userStreamAcl` or `$systemStreamAcl`. */
  readonly acl?: StreamAcl | string
  /** Anything of the user's own. Names with a leading `$` belong to the server. */
  readonly custom?: JsonObject
}

/** The settings of a stream as they stand. */
export interface RecordedStreamSettings {
  readonly settings: StreamSettings
  /** Grows with each change; undefined where there never was any. */
  readonly revision: bigint | undefined
  /** Whether the stream was deleted and nobody wrote to it since. */
  readonly isDeleted: boolean
}

/** What the writer believes of the settings: anything, that there are none, or their revision. */
export type ExpectedSettings = 'any' | 'none' | bigint

/** Another writer of the settings was first: read them, decide again, retry. */
export class StreamSettingsConflictError extends VarveError {
  readonly code = 'STREAM_SETTINGS_CONFLICT'
  /** @param actual Revision the settings are at; undefined where there are none or the server does not say. */
  constructor(
    readonly stream: StreamName,
    readonly expected: ExpectedSettings,
    readonly actual?: bigint,
    options?: ErrorOptions,
  ) {
    super(
      `The settings of stream "${stream}" are at revision ${actual ?? 'none'}, but ${expected} was expected. Read them, decide again and retry.`,
      options,
    )
  }
}

/** Settings no server takes. Nothing was sent. */
export class InvalidStreamSettingsError extends VarveError {
  readonly code = 'INVALID_STREAM_SETTINGS'
  /** @param problems All that is wrong. */
  constructor(
    readonly stream: StreamName,
    readonly problems: readonly string[],
  ) {
    super(`The settings of stream "${stream}" cannot be used: ${problems.join('; ')}.`)
  }
}

/**
 * Checks settings.
 *
 * @throws {InvalidStreamSettingsError} Names all that is wrong.
 */
export function checkStreamSettings(stream: StreamName, settings: StreamSettings): void {
  const { truncateBefore, custom = {} } = settings
  const problems: string[] = []
  for (const name of ['maxCount', 'maxAgeSeconds', 'cacheControlSeconds'] as const) {
    const value = settings[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      problems.push(`"${name}" is ${value}, but must be a whole number of at least 1`)
  }
  if (
    truncateBefore !== undefined &&
    (truncateBefore < 0n || truncateBefore > BigInt(Number.MAX_SAFE_INTEGER))
  )
    problems.push(`"truncateBefore" is ${truncateBefore}, but must be a revision`)
  for (const name of Object.keys(custom))
    if (name.startsWith('$'))
      problems.push(`"custom" has "${name}"; names with a leading "$" belong to the server`)
  if (problems.length > 0) throw new InvalidStreamSettingsError(stream, problems)
}
