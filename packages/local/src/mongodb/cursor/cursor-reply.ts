import { plainText } from '../bson/print-value.ts'
import { RawDocument } from '../bson/raw-document.ts'
import type { EncodableDocument } from '../bson/encode.ts'
import { isNumeric, timestampOf, toNumber, type BsonValue } from '../bson/value.ts'
import type { CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import { takeBatch, type CursorSource } from './cursors.ts'

/** Documents of a first answer when the command does not say. */
const FIRST_BATCH = 101

/** The answer of a command that opens a cursor; the cursor is kept only if there is more. */
export function cursorReply(
  context: CommandContext,
  ns: string,
  source: CursorSource,
  options: { readonly batchSize: number | undefined; readonly singleBatch?: boolean },
): EncodableDocument {
  const cursor = context.server.cursors.open(ns, source, {
    transaction: context.transaction,
    sessionKey: context.session?.key,
  })
  const { cursors } = context.server
  try {
    const batch = takeBatch(cursor, options.batchSize ?? FIRST_BATCH)
    const done = batch.done || options.singleBatch === true
    if (done) cursors.close(cursor.id)
    else if (context.view.snapshotTs !== undefined) source.drain?.()
    return {
      cursor: {
        firstBatch: batch.documents.map((bytes) => new RawDocument(bytes)),
        ...source.extra?.(),
        id: done ? 0n : cursor.id,
        ns,
        ...snapshotTime(context),
      },
    }
  } catch (cause) {
    cursors.close(cursor.id)
    throw cause
  }
}

function snapshotTime(context: CommandContext): Record<string, BsonValue> {
  const { snapshotTs } = context.view
  if (context.transaction || snapshotTs === undefined) return {}
  return { atClusterTime: timestampOf(snapshotTs) }
}

/**
 * The `batchSize` of a command.
 *
 * @throws {ServerError} It is negative or no number.
 */
export function batchSizeOf(value: BsonValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined
  const size = isNumeric(value) ? toNumber(value) : NaN
  if (Number.isInteger(size) && size >= 0) return size
  throw new ServerError(
    'BadValue',
    `BSON field 'batchSize' value must be >= 0, actual value '${plainText(value)}'`,
  )
}
