import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson'
import { ServerError } from '../errors/server-error.ts'
import { RawDocument, valueEnd } from './raw-document.ts'
import { setField, type BsonDocument, type BsonValue } from './value.ts'

/**
 * Decodes one document with exact types.
 *
 * @param offset Where the document starts in the buffer; defaults to 0.
 * @throws {ServerError} The bytes are no BSON document.
 */
export function decodeDocument(bytes: Buffer, offset = 0): BsonDocument {
  const document: BsonDocument = {}
  const end = documentEnd(bytes, offset)
  let at = offset + 4
  while (at < end) {
    const type = bytes[at] as number
    const nameEnd = bytes.indexOf(0, at + 1)
    const name = sliceText(bytes, at + 1, nameEnd)
    setField(document, name, decodeValue(bytes, type, nameEnd + 1))
    at = valueEnd(bytes, type, nameEnd + 1)
  }
  return document
}

/** Decodes an array of documents but leaves each of them as bytes. */
export function decodeRawArray(bytes: Buffer, offset: number): RawDocument[] {
  const items: RawDocument[] = []
  const end = documentEnd(bytes, offset)
  let at = offset + 4
  while (at < end) {
    const type = bytes[at] as number
    const start = bytes.indexOf(0, at + 1) + 1
    if (type !== 3) throw new ServerError('TypeMismatch', 'Expected an array of objects')
    at = valueEnd(bytes, type, start)
    items.push(new RawDocument(bytes.subarray(start, at)))
  }
  return items
}

/** Decodes the value of one element. */
export function decodeValue(bytes: Buffer, type: number, at: number): BsonValue {
  switch (type) {
    case 1:
      return new Double(bytes.readDoubleLE(at))
    case 2:
      return sliceText(bytes, at + 4, at + 3 + bytes.readInt32LE(at))
    case 3:
      return decodeDocument(bytes, at)
    case 4:
      return decodeArray(bytes, at)
    case 7:
      return new ObjectId(Uint8Array.prototype.slice.call(bytes, at, at + 12))
    case 8:
      return bytes[at] === 1
    case 9:
      return new Date(Number(bytes.readBigInt64LE(at)))
    case 6:
    case 10:
      return null
    case 16:
      return bytes.readInt32LE(at)
    case 18:
      return bytes.readBigInt64LE(at)
    default:
      return decodeRareValue(bytes, type, at)
  }
}

function decodeRareValue(bytes: Buffer, type: number, at: number): BsonValue {
  const end = valueEnd(bytes, type, at)
  switch (type) {
    case 5:
      return decodeBinary(bytes, at, end)
    case 11: {
      const patternEnd = bytes.indexOf(0, at)
      return new BSONRegExp(
        bytes.toString('utf8', at, patternEnd),
        bytes.toString('utf8', patternEnd + 1, end - 1),
      )
    }
    case 13:
      return new Code(bytes.toString('utf8', at + 4, end - 1))
    case 14:
      return new BSONSymbol(bytes.toString('utf8', at + 4, end - 1))
    case 15: {
      const codeEnd = at + 8 + bytes.readInt32LE(at + 4)
      return new Code(bytes.toString('utf8', at + 8, codeEnd - 1), decodeDocument(bytes, codeEnd))
    }
    case 17:
      return new Timestamp({ t: bytes.readUInt32LE(at + 4), i: bytes.readUInt32LE(at) })
    case 19:
      return new Decimal128(Uint8Array.prototype.slice.call(bytes, at, at + 16))
    case 255:
      return new MinKey()
    case 127:
      return new MaxKey()
    default:
      throw new ServerError('InvalidBSON', `Unsupported BSON type ${type}`)
  }
}

function decodeBinary(bytes: Buffer, at: number, end: number): Binary {
  const subtype = bytes[at + 4] as number
  // The old binary subtype repeats its length inside.
  const start = subtype === 2 ? at + 9 : at + 5
  return new Binary(Uint8Array.prototype.slice.call(bytes, start, end), subtype)
}

function decodeArray(bytes: Buffer, offset: number): BsonValue[] {
  const items: BsonValue[] = []
  const end = documentEnd(bytes, offset)
  let at = offset + 4
  while (at < end) {
    const type = bytes[at] as number
    const start = bytes.indexOf(0, at + 1) + 1
    items.push(decodeValue(bytes, type, start))
    at = valueEnd(bytes, type, start)
  }
  return items
}

function documentEnd(bytes: Buffer, offset: number): number {
  const size = offset + 5 <= bytes.length ? bytes.readInt32LE(offset) : -1
  if (size < 5 || offset + size > bytes.length || bytes[offset + size - 1] !== 0) {
    throw new ServerError('InvalidBSON', 'Invalid BSON document: its size does not fit its bytes')
  }
  return offset + size - 1
}

function sliceText(bytes: Buffer, start: number, end: number): string {
  // Short ASCII text is the common case, and building it here is cheaper than a native call.
  if (end - start > 12) return bytes.toString('utf8', start, end)
  let text = ''
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number
    if (byte > 127) return bytes.toString('utf8', start, end)
    text += String.fromCharCode(byte)
  }
  return text
}
