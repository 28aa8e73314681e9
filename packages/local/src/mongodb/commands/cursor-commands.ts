import { plainText } from '../bson/print-value.ts'
import { RawDocument } from '../bson/raw-document.ts'
import { isNumeric, toNumber, type BsonValue } from '../bson/value.ts'
import { batchSizeOf } from '../cursor/cursor-reply.ts'
import { takeBatch, type Batch, type Cursor } from '../cursor/cursors.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Command, CommandContext } from './command.ts'

/** How long a getMore on changes waits when the client does not say. */
const DEFAULT_WAIT_MS = 1000

/** The `getMore` command. */
export const getMoreCommand: Command = {
  inTransaction: true,
  fields: {
    fields: {
      getMore: 'any',
      collection: 'string',
      batchSize: 'number',
      term: 'number',
      lastKnownCommittedOpTime: 'object',
      includeQueryStatsMetrics: 'boolean',
    },
    required: ['collection'],
  },
  run: async (context) => {
    const id = context.body['getMore']
    if (typeof id !== 'bigint')
      throw new ServerError(
        'TypeMismatch',
        "BSON field 'getMore.getMore' is the wrong type, expected type 'long'",
      )
    const ns = `${context.db}.${plainText(context.body['collection'])}`
    const { cursors } = context.server
    const cursor = cursors.find(id, ns)
    assertOwner(context, cursor)
    try {
      failAfterCheckout(context)
      const batch = await nextBatch(context, cursor)
      if (batch.done) cursors.close(id)
      else if (context.view.snapshotTs !== undefined) cursor.source.drain?.()
      return {
        cursor: {
          nextBatch: batch.documents.map((bytes) => new RawDocument(bytes)),
          ...cursor.source.extra?.(),
          id: batch.done ? 0n : id,
          ns,
        },
      }
    } catch (cause) {
      cursors.close(id)
      if (cause instanceof ServerError) cause.ofChangeStream = cursor.source.followsChanges === true
      throw cause
    }
  },
}

function failAfterCheckout({ server, connection, body, db }: CommandContext): void {
  const ns = `${db}.${plainText(body['collection'])}`
  const data = server.failPoints.enter(
    'failGetMoreAfterCursorCheckout',
    ({ appName, namespace }) =>
      (appName === undefined || appName === connection.appName) &&
      (namespace === undefined || namespace === ns),
  )
  if (!data) return
  const { errorCode } = data
  throw new ServerError(
    isNumeric(errorCode) ? toNumber(errorCode) : 'InternalError',
    "Hit the 'failGetMoreAfterCursorCheckout' failpoint",
  )
}

async function nextBatch(context: CommandContext, cursor: Cursor): Promise<Batch> {
  const size = batchSizeOf(context.body['batchSize']) || Infinity
  const batch = takeBatch(cursor, size)
  const { source } = cursor
  if (batch.documents.length > 0 || batch.done || !source.waitForMore) return batch
  const limit = context.body['maxTimeMS']
  const end = Date.now() + (isNumeric(limit) ? toNumber(limit) : DEFAULT_WAIT_MS)
  for (let left = end - Date.now(); left > 0; left = end - Date.now()) {
    await source.waitForMore(left, context.connection.signal)
    const later = takeBatch(cursor, size)
    if (later.documents.length > 0 || later.done || context.connection.signal.aborted) return later
  }
  return batch
}

function assertOwner(context: CommandContext, cursor: Cursor): void {
  if (cursor.transaction && cursor.transaction !== context.transaction) {
    throw new ServerError(
      50741,
      `Cannot run getMore on cursor ${cursor.id}, which was created in a transaction, without the transaction number`,
    )
  }
}

/** The `killCursors` command. */
export const killCursorsCommand: Command = {
  inTransaction: true,
  run: ({ body, server }) => {
    const cursorsKilled: BsonValue[] = []
    const cursorsNotFound: BsonValue[] = []
    for (const id of Array.isArray(body['cursors']) ? body['cursors'] : []) {
      const killed = typeof id === 'bigint' && server.cursors.close(id)
      ;(killed ? cursorsKilled : cursorsNotFound).push(id)
    }
    return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] }
  },
}
