import { plainText } from '../bson/print-value.ts'
import { decodeDocument, decodeRawArray } from '../bson/decode.ts'
import { encodeDocument, type EncodableDocument } from '../bson/encode.ts'
import { rawElements, RawDocument } from '../bson/raw-document.ts'
import { decodeValue } from '../bson/decode.ts'
import { setField, type BsonDocument } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { crc32c } from './crc32c.ts'

/** A command as it came in. */
export interface CommandRequest {
  readonly requestId: number
  readonly db: string
  /** The command document; lists of documents such as `documents` are in {@link sequences}. */
  readonly body: BsonDocument
  /** Lists of documents, undecoded, by field name. */
  readonly sequences: ReadonlyMap<string, readonly RawDocument[]>
  /** True when the client does not want an answer. */
  readonly noReply: boolean
  /** True when the server may answer more than once. */
  readonly exhaustAllowed: boolean
  /** True for the legacy handshake. */
  readonly legacy: boolean
}

const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013
const CHECKSUM_PRESENT = 1
const MORE_TO_COME = 2
const EXHAUST_ALLOWED = 1 << 16
const HEADER = 16

/** Fields that hold lists of documents and stay bytes. */
const SEQUENCE_FIELDS = new Set(['documents', 'updates', 'deletes', 'ops', 'nsInfo'])
const SEQUENCE_COMMANDS = new Set(['insert', 'update', 'delete', 'bulkWrite'])

/**
 * Reads one whole message.
 *
 * @throws {ServerError} The message is malformed or of a kind the server does not know.
 */
export function parseMessage(message: Buffer): CommandRequest {
  const requestId = message.readInt32LE(4)
  const opCode = message.readInt32LE(12)
  if (opCode === OP_MSG) return parseOpMsg(message, requestId)
  if (opCode === OP_QUERY) return parseOpQuery(message, requestId)
  throw new ServerError('CommandNotSupported', `Unsupported wire protocol operation ${opCode}`)
}

function parseOpMsg(message: Buffer, requestId: number): CommandRequest {
  const flags = message.readUInt32LE(HEADER)
  let end = message.length
  if (flags & CHECKSUM_PRESENT) {
    end -= 4
    if (crc32c(message.subarray(0, end)) !== message.readUInt32LE(end)) {
      throw new ServerError(40351, 'OP_MSG checksum does not match contents')
    }
  }
  let body: BsonDocument | undefined
  const sequences = new Map<string, RawDocument[]>()
  let at = HEADER + 4
  while (at < end) {
    const kind = message[at]
    const size = message.readInt32LE(at + 1)
    if (kind === 0) body = decodeBody(message.subarray(at + 1, at + 1 + size), sequences)
    else if (kind === 1) readSequence(message, at + 1, size, sequences)
    else throw new ServerError(40432, `Unknown section kind ${kind}`)
    at += 1 + size
  }
  if (!body) throw new ServerError(40587, 'OP_MSG must have a body section')
  return {
    requestId,
    db: plainText(body['$db']),
    body,
    sequences,
    noReply: (flags & MORE_TO_COME) !== 0,
    exhaustAllowed: (flags & EXHAUST_ALLOWED) !== 0,
    legacy: false,
  }
}

function decodeBody(bytes: Buffer, sequences: Map<string, RawDocument[]>): BsonDocument {
  const body: BsonDocument = {}
  let lists = false
  let first = true
  for (const { type, name, at } of rawElements(bytes)) {
    if (first) lists = SEQUENCE_COMMANDS.has(name)
    first = false
    if (lists && type === 4 && SEQUENCE_FIELDS.has(name))
      sequences.set(name, decodeRawArray(bytes, at))
    else setField(body, name, decodeValue(bytes, type, at))
  }
  return body
}

function readSequence(
  message: Buffer,
  start: number,
  size: number,
  sequences: Map<string, RawDocument[]>,
): void {
  const nameEnd = message.indexOf(0, start + 4)
  const documents: RawDocument[] = []
  let at = nameEnd + 1
  while (at < start + size) {
    const length = message.readInt32LE(at)
    documents.push(new RawDocument(message.subarray(at, at + length)))
    at += length
  }
  sequences.set(message.toString('utf8', start + 4, nameEnd), documents)
}

function parseOpQuery(message: Buffer, requestId: number): CommandRequest {
  const nameEnd = message.indexOf(0, HEADER + 4)
  const ns = message.toString('utf8', HEADER + 4, nameEnd)
  const query = decodeDocument(message, nameEnd + 9)
  const inner = query['$query']
  return {
    requestId,
    db: ns.slice(0, ns.indexOf('.')),
    body: (inner ?? query) as BsonDocument,
    sequences: new Map(),
    noReply: false,
    exhaustAllowed: false,
    legacy: true,
  }
}

let nextRequestId = 1

/** An answer ready to be sent, with the id later answers of a stream refer to. */
export interface EncodedReply {
  readonly requestId: number
  readonly bytes: Buffer
}

/** Encodes an answer in the form the request came in. */
export function encodeReply(
  legacy: boolean,
  responseTo: number,
  reply: EncodableDocument,
  moreToCome = false,
): EncodedReply {
  const requestId = nextRequestId++ & 0x7fffffff
  const body = encodeDocument(reply)
  const prefix = Buffer.alloc(legacy ? HEADER + 20 : HEADER + 5)
  prefix.writeInt32LE(prefix.length + body.length, 0)
  prefix.writeInt32LE(requestId, 4)
  prefix.writeInt32LE(responseTo, 8)
  prefix.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12)
  if (legacy) prefix.writeInt32LE(1, HEADER + 16)
  else if (moreToCome) prefix.writeUInt32LE(MORE_TO_COME, HEADER)
  return { requestId, bytes: Buffer.concat([prefix, body]) }
}
