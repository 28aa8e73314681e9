import { plainText } from '../bson/print-value.ts'
import {
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { CommandRequest } from '../wire/message.ts'
import type { FailPoints } from './fail-points.ts'

/** A command the fail point `failCommand` may meet. */
export interface FailCandidate {
  readonly request: CommandRequest
  readonly name: string
  readonly appName: string | undefined
}

/** What the fail point does to a command before it runs. */
export interface CommandFailure {
  /** Milliseconds the command is held. */
  readonly blockMs: number
  readonly closeConnection: boolean
  readonly error: ServerError | undefined
  /** Labels of the answer in place of those the server would give. */
  readonly errorLabels: readonly BsonValue[] | undefined
}

/** What the fail point adds to the answer of a command that has run. */
export interface FailedWriteConcern {
  readonly writeConcernError: BsonDocument
  readonly errorLabels: readonly BsonValue[] | undefined
}

/** True when a fail point's data selects a command. */
export function selects(data: BsonDocument, candidate: FailCandidate): boolean {
  const { name, request, appName } = candidate
  if (name === 'configureFailPoint') return false
  if (data['appName'] !== undefined && data['appName'] !== appName) return false
  if (data['threadName'] !== undefined) return false
  const namespace = data['namespace']
  if (namespace !== undefined && namespace !== `${request.db}.${plainText(request.body[name])}`)
    return false
  if (data['failAllCommands'] === true) return true
  const commands = data['failCommands']
  return Array.isArray(commands) && commands.some((other) => aliasOf(other) === aliasOf(name))
}

function aliasOf(name: BsonValue): BsonValue {
  if (name === 'findandmodify') return 'findAndModify'
  return name === 'ismaster' ? 'isMaster' : name
}

/**
 * How a command is to fail before it runs, if it is.
 *
 * @throws {ServerError} The data of the fail point is wrong.
 */
export function commandFailure(
  points: FailPoints,
  candidate: FailCandidate,
): CommandFailure | undefined {
  const data = points.enter(
    'failCommand',
    (armed) =>
      selects(armed, candidate) &&
      (armed['closeConnection'] === true ||
        armed['blockConnection'] === true ||
        isNumeric(armed['errorCode'])),
  )
  if (!data) return undefined
  const { errorCode, blockTimeMS, errorExtraInfo } = data
  const blocks = data['blockConnection'] === true
  if (blocks && !isNumeric(blockTimeMS))
    throw new ServerError('BadValue', "must specify 'blockTimeMS' when 'blockConnection' is true")
  return {
    blockMs: blocks && isNumeric(blockTimeMS) ? toNumber(blockTimeMS) : 0,
    closeConnection: data['closeConnection'] === true,
    error: isNumeric(errorCode)
      ? new ServerError(
          toNumber(errorCode),
          "Failing command via 'failCommand' failpoint",
          isDocument(errorExtraInfo) ? errorExtraInfo : {},
        )
      : undefined,
    errorLabels: labelsOf(data),
  }
}

/** The write concern error a command is to answer although it ran, if it is. */
export function failedWriteConcern(
  points: FailPoints,
  candidate: FailCandidate,
): FailedWriteConcern | undefined {
  const data = points.enter(
    'failCommand',
    (armed) => selects(armed, candidate) && isDocument(armed['writeConcernError']),
  )
  const error = data?.['writeConcernError']
  return data && isDocument(error)
    ? { writeConcernError: error, errorLabels: labelsOf(data) }
    : undefined
}

function labelsOf(data: BsonDocument): readonly BsonValue[] | undefined {
  const labels = data['errorLabels']
  return Array.isArray(labels) ? labels : undefined
}
