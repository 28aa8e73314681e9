import { ServerError } from '../errors/server-error.ts'
import { BSON_TYPE } from './bson-type.ts'

/** A document as bytes, carried through without being decoded. */
export class RawDocument {
  constructor(readonly bytes: Buffer) {}
}

/** One field of a raw document: `at` is the offset of the value, `end` the offset after it. */
export interface RawElement {
  readonly type: number
  readonly name: string
  readonly at: number
  readonly end: number
}

const FIXED: Record<number, number> = { 1: 8, 6: 0, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8 }

/** Walks the top-level fields of a raw document. */
export function* rawElements(bytes: Buffer, offset = 0): Generator<RawElement, void, undefined> {
  const end = offset + bytes.readInt32LE(offset) - 1
  let at = offset + 4
  while (at < end) {
    const type = bytes.readUInt8(at)
    const nameEnd = bytes.indexOf(0, at + 1)
    const name = bytes.toString('utf8', at + 1, nameEnd)
    const next = valueEnd(bytes, type, nameEnd + 1)
    yield { type, name, at: nameEnd + 1, end: next }
    at = next
  }
}

/** True when the first field of the document is `_id`. */
export function startsWithId(bytes: Buffer): boolean {
  // Field name bytes: `_id` and the terminator.
  return bytes.length > 9 && bytes.readUInt32LE(5) === 0x0064695f
}

/** Offset after a value of the given type. */
export function valueEnd(bytes: Buffer, type: number, at: number): number {
  const fixed = FIXED[type]
  if (fixed !== undefined) return at + fixed
  switch (type) {
    case BSON_TYPE.string:
    case BSON_TYPE.javascript:
    case BSON_TYPE.symbol:
      return at + 4 + bytes.readInt32LE(at)
    case BSON_TYPE.object:
    case BSON_TYPE.array:
    case BSON_TYPE.javascriptWithScope:
      return at + bytes.readInt32LE(at)
    case BSON_TYPE.binData:
      return at + 5 + bytes.readInt32LE(at)
    case BSON_TYPE.regex:
      return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1
    case BSON_TYPE.dbPointer:
      return at + 4 + bytes.readInt32LE(at) + 12
    case BSON_TYPE.decimal:
      return at + 16
    case 255:
    case BSON_TYPE.maxKey:
      return at
    default:
      throw new ServerError('InvalidBSON', `Unrecognized BSON type ${type}`)
  }
}
