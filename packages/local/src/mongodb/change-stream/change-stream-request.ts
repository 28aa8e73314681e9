import { plainText } from '../bson/print-value.ts'
import { Timestamp } from 'bson'
import { isDocument, timestampBits, type BsonDocument } from '../bson/value.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { assertFields, type FieldSpecs } from '../commands/command-fields.ts'
import type { CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import { END_OF_COMMIT, parseResumeToken, type ChangePosition } from './resume-token.ts'

/** What a change stream follows, and from where. */
export interface ChangeStreamRequest {
  /** Namespace of the cursor. */
  readonly ns: string
  /** Absent for the whole cluster. */
  readonly db: string | undefined
  /** Absent for a whole database. */
  readonly collection: string | undefined
  readonly start: ChangePosition
  readonly fullDocument: string
  readonly fullDocumentBeforeChange: string
  readonly showExpandedEvents: boolean
  /** True when events that are too large come in fragments. */
  readonly splitsLargeEvents: boolean
  /** The stages behind `$changeStream` that change events. */
  readonly stages: readonly BsonDocument[]
}

const ALLOWED = new Set([
  '$match',
  '$project',
  '$addFields',
  '$set',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
  '$redact',
])
const REFUSED = new Set([
  '$group',
  '$sort',
  '$limit',
  '$skip',
  '$lookup',
  '$out',
  '$merge',
  '$unwind',
  '$count',
  '$facet',
])
const SPEC: FieldSpecs = {
  fields: {
    resumeAfter: 'any',
    startAfter: 'any',
    startAtOperationTime: 'any',
    fullDocument: 'any',
    fullDocumentBeforeChange: 'any',
    allChangesForCluster: 'boolean',
    showMigrationEvents: 'boolean',
    showSystemEvents: 'boolean',
    showExpandedEvents: 'boolean',
    allowToRunOnConfigDB: 'boolean',
    allowToRunOnSystemNS: 'boolean',
    showRawUpdateDescription: 'boolean',
  },
}
const FULL_DOCUMENT = ['default', 'updateLookup', 'whenAvailable', 'required']
const BEFORE_CHANGE = ['off', 'whenAvailable', 'required']

const SPLIT = '$changeStreamSplitLargeEvent'

function assertStages(stages: readonly BsonDocument[]): void {
  for (const stage of stages) {
    const [name = ''] = Object.keys(stage)
    if (ALLOWED.has(name)) continue
    if (name === SPLIT)
      throw new ServerError(7182802, `${SPLIT} must be the last stage in the pipeline`)
    if (REFUSED.has(name)) {
      throw new ServerError(
        'IllegalOperation',
        `${name} is not permitted in a $changeStream pipeline`,
      )
    }
    throw new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`)
  }
}

/**
 * Reads the `$changeStream` stage and what follows.
 *
 * @throws {ServerError} An option is invalid or a stage is not allowed.
 */
export function parseChangeStream(
  context: CommandContext,
  pipeline: readonly BsonDocument[],
): ChangeStreamRequest {
  const [first, ...others] = pipeline
  const last = others[others.length - 1]
  const splitsLargeEvents = last !== undefined && SPLIT in last
  const stages = splitsLargeEvents ? others.slice(0, -1) : others
  const spec = first?.['$changeStream']
  if (!isDocument(spec))
    throw new ServerError(50808, '$changeStream stage expects a document as argument')
  assertFields('$changeStream', SPEC, spec)
  assertStages(stages)
  const wholeCluster = spec['allChangesForCluster'] === true
  const wholeDatabase = context.body['aggregate'] === 1
  if (wholeCluster && context.db !== 'admin') {
    throw new ServerError(
      'InvalidOptions',
      "A $changeStream with 'allChangesForCluster:true' may only be opened on the 'admin' database",
    )
  }
  return {
    ns: wholeDatabase
      ? `${context.db}.$cmd.aggregate`
      : namespaceIn(context.db, context.body['aggregate']).full,
    db: wholeCluster ? undefined : context.db,
    collection: wholeDatabase ? undefined : plainText(context.body['aggregate']),
    start: startOf(context, spec),
    fullDocument: enumeration(spec, 'fullDocument', FULL_DOCUMENT),
    fullDocumentBeforeChange: enumeration(spec, 'fullDocumentBeforeChange', BEFORE_CHANGE),
    showExpandedEvents: spec['showExpandedEvents'] === true,
    splitsLargeEvents,
    stages,
  }
}

function enumeration(spec: BsonDocument, field: string, allowed: readonly string[]): string {
  const value = spec[field] ?? allowed[0]
  if (typeof value === 'string' && allowed.includes(value)) return value
  throw new ServerError(
    'BadValue',
    `Enumeration value '${plainText(value)}' for field '$changeStream.${field}' is not a valid value.`,
  )
}

function startOf(context: CommandContext, spec: BsonDocument): ChangePosition {
  const { engine } = context.server
  const { resumeAfter, startAfter, startAtOperationTime } = spec
  const given = [resumeAfter, startAfter, startAtOperationTime].filter(
    (option) => option !== undefined,
  )
  if (given.length > 1) {
    throw new ServerError(
      40674,
      "Only one type of resume option is allowed, but multiple were found: 'resumeAfter', 'startAfter', 'startAtOperationTime'",
    )
  }
  const token = resumeAfter ?? startAfter
  let start: ChangePosition = { ts: engine.clock.last, index: END_OF_COMMIT, invalidate: false }
  if (token !== undefined) {
    start = parseResumeToken(token)
    if (start.invalidate && resumeAfter !== undefined) {
      throw new ServerError(
        'InvalidResumeToken',
        "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification",
      )
    }
  } else if (startAtOperationTime instanceof Timestamp) {
    start = {
      ts: timestampBits(startAtOperationTime) - 1n,
      index: END_OF_COMMIT,
      invalidate: false,
    }
  }
  if (engine.changes.isLost(start.ts)) {
    throw new ServerError(
      'ChangeStreamHistoryLost',
      'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
    )
  }
  return start
}
