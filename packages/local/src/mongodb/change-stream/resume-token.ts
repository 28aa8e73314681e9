import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'

/** A place in the log of changes. */
export interface ChangePosition {
  readonly ts: bigint
  /** Number of the change in its commit. */
  readonly index: number
  /** True right after the event that ends a stream. */
  readonly invalidate: boolean
  /** Number of the fragment of an event that was split, from zero. */
  readonly fragment?: number
}

/** After the last change of a commit. */
export const END_OF_COMMIT = 0xffffffff

/** The token clients resume from. Tokens sort like the places. */
export function resumeToken(position: ChangePosition): BsonDocument {
  const { fragment } = position
  const bytes = Buffer.alloc(fragment === undefined ? 14 : 16)
  bytes[0] = 0x82
  bytes.writeBigUInt64BE(position.ts, 1)
  bytes.writeUInt32BE(position.index, 9)
  bytes[13] = position.invalidate ? 1 : 0
  if (fragment !== undefined) bytes.writeUInt16BE(fragment, 14)
  return { _data: bytes.toString('hex').toUpperCase() }
}

/**
 * Reads a token.
 *
 * @throws {ServerError} It is none of this server.
 */
export function parseResumeToken(token: BsonValue): ChangePosition {
  const text = isDocument(token) ? token['_data'] : undefined
  if (typeof text !== 'string' || !/^82[0-9A-F]{26}([0-9A-F]{4})?$/i.test(text)) {
    throw new ServerError('InvalidResumeToken', 'Bad resume token: not a token of this server')
  }
  const bytes = Buffer.from(text, 'hex')
  return {
    ts: bytes.readBigUInt64BE(1),
    index: bytes.readUInt32BE(9),
    invalidate: bytes[13] === 1,
    ...(bytes.length > 14 ? { fragment: bytes.readUInt16BE(14) } : {}),
  }
}
