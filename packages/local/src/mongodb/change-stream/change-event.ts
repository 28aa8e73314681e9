import { Binary } from 'bson'
import { decodeDocument } from '../bson/decode.ts'
import { timestampOf, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Engine } from '../store/engine.ts'
import { documentKey } from '../store/store-keys.ts'
import type { ChangeEntry, CommittedChanges } from './change-entry.ts'
import type { ChangeStreamRequest } from './change-stream-request.ts'

/** Operations only `showExpandedEvents` reports. */
const EXPANDED = new Set(['create', 'createIndexes', 'dropIndexes', 'modify'])

/** True when a stream reports a change. */
export function isWatched(request: ChangeStreamRequest, entry: ChangeEntry): boolean {
  const isExpanded =
    EXPANDED.has(entry.operation) || (entry.operation !== 'dropDatabase' && !entry.uuid)
  if (isExpanded && !request.showExpandedEvents) return false
  if (request.db === undefined) return !['admin', 'local', 'config'].includes(entry.db)
  if (entry.db !== request.db) return false
  if (request.collection === undefined) return true
  return entry.collection === request.collection || renamedTo(entry) === request.collection
}

/** True when a change ends a stream. */
export function invalidates(request: ChangeStreamRequest, entry: ChangeEntry): boolean {
  if (request.db === undefined) return false
  if (request.collection === undefined) return entry.operation === 'dropDatabase'
  return (
    entry.operation === 'drop' || entry.operation === 'rename' || entry.operation === 'dropDatabase'
  )
}

function renamedTo(entry: ChangeEntry): BsonValue | undefined {
  const to = entry.details?.['to'] as BsonDocument | undefined
  return to?.['coll']
}

/** The event of one change as clients see it, without its token. */
export function changeEvent(
  engine: Engine,
  request: ChangeStreamRequest,
  changes: CommittedChanges,
  entry: ChangeEntry,
): BsonDocument {
  const event: BsonDocument = {
    operationType: entry.operation,
    clusterTime: timestampOf(changes.ts),
    wallTime: changes.wallTime,
  }
  if (request.showExpandedEvents && entry.uuid) event['collectionUUID'] = new Binary(entry.uuid, 4)
  if (changes.transaction) {
    event['lsid'] = changes.transaction.lsid
    event['txnNumber'] = changes.transaction.txnNumber
  }
  const full = fullDocument(engine, request, entry)
  if (full !== undefined) event['fullDocument'] = full
  event['ns'] =
    entry.collection === '' ? { db: entry.db } : { db: entry.db, coll: entry.collection }
  if (entry.id !== undefined) event['documentKey'] = { _id: entry.id }
  if (entry.updateDescription) {
    const { disambiguatedPaths = {}, ...description } = entry.updateDescription
    event['updateDescription'] = request.showExpandedEvents
      ? { ...description, disambiguatedPaths }
      : description
  }
  const before = documentBefore(request, entry)
  if (before !== undefined) event['fullDocumentBeforeChange'] = before
  addDetails(event, request, entry)
  return event
}

function addDetails(event: BsonDocument, request: ChangeStreamRequest, entry: ChangeEntry): void {
  if (!entry.details) return
  if (entry.operation === 'rename') event['to'] = entry.details['to']
  if (!request.showExpandedEvents) return
  event['operationDescription'] = entry.details
  if (entry.stateBefore) event['stateBeforeChange'] = entry.stateBefore
}

function fullDocument(
  engine: Engine,
  request: ChangeStreamRequest,
  entry: ChangeEntry,
): BsonValue | undefined {
  if (entry.document) return decodeDocument(entry.document)
  if (entry.operation !== 'update' || request.fullDocument === 'default') return undefined
  if (request.fullDocument === 'updateLookup') {
    const collection = engine.catalog.find(`${entry.db}.${entry.collection}`)
    const same = collection && entry.uuid?.equals(collection.uuid) === true
    const stored = same
      ? engine.rows.byKey(documentKey(collection.id, entry.id, collection.collation.key))
      : undefined
    return stored ? decodeDocument(stored.bytes) : null
  }
  if (entry.after) return decodeDocument(entry.after)
  if (request.fullDocument === 'whenAvailable') return null
  throw new ServerError(
    'NoMatchingDocument',
    'Change stream was configured to require a post-image for all update events, but the post-image was not found',
  )
}

function documentBefore(request: ChangeStreamRequest, entry: ChangeEntry): BsonValue | undefined {
  if (
    request.fullDocumentBeforeChange === 'off' ||
    !['update', 'replace', 'delete'].includes(entry.operation)
  )
    return undefined
  if (entry.before) return decodeDocument(entry.before)
  if (request.fullDocumentBeforeChange === 'whenAvailable') return null
  throw new ServerError(
    'NoMatchingDocument',
    'Change stream was configured to require a pre-image for all update, delete and replace events, but the pre-image was not found',
  )
}
