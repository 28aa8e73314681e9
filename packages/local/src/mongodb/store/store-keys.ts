import { encodeKey, type TextKey } from '../bson/key-encoding.ts'
import type { BsonValue } from '../bson/value.ts'

/** Key of a document: the collection, then the `_id`. */
export function documentKey(
  collectionId: number,
  id: BsonValue | undefined,
  textKey?: TextKey,
): Buffer {
  return prefixed(collectionId, encodeKey(id ?? null, textKey))
}

/** Key of a measurement of a time series, which its `_id` does not identify: its row. */
export function measurementKey(collectionId: number, rid: number): Buffer {
  const row = Buffer.allocUnsafe(8)
  row.writeBigUInt64BE(BigInt(rid))
  return prefixed(collectionId, row)
}

/** Key of an index entry: the index, the indexed values, the row. */
export function entryKey(indexId: number, values: Buffer, rid: number): Buffer {
  const key = Buffer.allocUnsafe(values.length + 12)
  key.writeUInt32BE(indexId, 0)
  key.set(values, 4)
  key.writeUInt32BE(Math.floor(rid / 2 ** 32), values.length + 4)
  key.writeUInt32BE(rid % 2 ** 32, values.length + 8)
  return key
}

/** Bytes behind the id of an index or a collection. */
export function prefixed(id: number, bytes: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(bytes.length + 4)
  key.writeUInt32BE(id, 0)
  key.set(bytes, 4)
  return key
}

const ABOVE = Buffer.of(0xff)

/** The keys just below and above everything that starts with a prefix. */
export function around(id: number, bytes: Uint8Array = new Uint8Array()): [Buffer, Buffer] {
  const low = prefixed(id, bytes)
  // Neither a key part, inverted or not, nor a row id starts with 0xff.
  return [low, Buffer.concat([low, ABOVE])]
}
